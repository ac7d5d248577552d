# mgdm_registry(TARGET FUNCTION name TYPE Type HEADER header [NAMESPACE ns] FILES a.cpp ...)
#
# A folder whose list the build makes: each file FILES names, a.cpp, defines `Type describe_a()`; TARGET gets the files
# and one more, generated, that defines `std::vector<Type> name()` with all of them in the order of their names. HEADER
# declares `name` and Type. To add one is to add the file: a description that is missing is an error of the linker.
# (Objects that register themselves would be dropped when a static library is linked.)
#
# mgdm_registry_extended(TARGET FUNCTION name FILES b.cpp ...)
#
# Gives the executable TARGET a `name` of its own, which lists FILES too: the linker takes it before the library's, for in
# a library the list is an object by itself.
function(mgdm_registry_list target function stems)
  get_property(ARG_TYPE GLOBAL PROPERTY mgdm_registry_${function}_type)
  get_property(ARG_HEADER GLOBAL PROPERTY mgdm_registry_${function}_header)
  get_property(ARG_NAMESPACE GLOBAL PROPERTY mgdm_registry_${function}_namespace)
  set(declared "")
  set(listed "")
  foreach(stem IN LISTS stems)
    string(APPEND declared "${ARG_TYPE} describe_${stem}();\n")
    string(APPEND listed "    all.push_back(describe_${stem}());\n")
  endforeach()
  set(list ${CMAKE_CURRENT_BINARY_DIR}/${target}_${function}.cpp)
  file(CONFIGURE OUTPUT ${list} @ONLY CONTENT [[// Made by mgdm_registry (core/registry.cmake).
#include "@ARG_HEADER@"

namespace @ARG_NAMESPACE@ {

@declared@
std::vector<@ARG_TYPE@> @function@() {
    std::vector<@ARG_TYPE@> all;
@listed@    return all;
}

}  // namespace @ARG_NAMESPACE@
]])
  target_sources(${target} PRIVATE ${list})
  get_target_property(type ${target} TYPE)
  if(type STREQUAL STATIC_LIBRARY)
    set_source_files_properties(${list} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
  endif()
endfunction()

function(mgdm_registry target)
  cmake_parse_arguments(ARG "" "FUNCTION;TYPE;HEADER;NAMESPACE" "FILES" ${ARGN})
  if(NOT ARG_NAMESPACE)
    set(ARG_NAMESPACE mgdm)
  endif()
  set(stems "")
  foreach(file IN LISTS ARG_FILES)
    get_filename_component(stem ${file} NAME_WE)
    list(APPEND stems ${stem})
  endforeach()
  list(SORT stems)
  set_property(GLOBAL PROPERTY mgdm_registry_${ARG_FUNCTION}_type ${ARG_TYPE})
  set_property(GLOBAL PROPERTY mgdm_registry_${ARG_FUNCTION}_header ${ARG_HEADER})
  set_property(GLOBAL PROPERTY mgdm_registry_${ARG_FUNCTION}_namespace ${ARG_NAMESPACE})
  set_property(GLOBAL PROPERTY mgdm_registry_${ARG_FUNCTION}_stems ${stems})
  target_sources(${target} PRIVATE ${ARG_FILES})
  mgdm_registry_list(${target} ${ARG_FUNCTION} "${stems}")
endfunction()

function(mgdm_registry_extended target)
  cmake_parse_arguments(ARG "" "FUNCTION" "FILES" ${ARGN})
  get_property(stems GLOBAL PROPERTY mgdm_registry_${ARG_FUNCTION}_stems)
  foreach(file IN LISTS ARG_FILES)
    get_filename_component(stem ${file} NAME_WE)
    list(APPEND stems ${stem})
  endforeach()
  list(SORT stems)
  target_sources(${target} PRIVATE ${ARG_FILES})
  mgdm_registry_list(${target} ${ARG_FUNCTION} "${stems}")
endfunction()
