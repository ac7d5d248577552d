# mgdm_registry(TARGET FUNCTION name TYPE Type HEADER header [NAMESPACE ns] FILES a.cpp ...)
#
# A folder whose list the build makes: each file FILES names, a.cpp, defines `Type describe_a()`; TARGET gets the files
# and one more, generated, that defines `std::vector<Type> name()` with all of them in the order of their names. HEADER
# declares `name` and Type. To add one is to add the file: a description that is missing is an error of the linker.
# (Objects that register themselves would be dropped when a static library is linked.)
function(mgdm_registry target)
  cmake_parse_arguments(ARG "" "FUNCTION;TYPE;HEADER;NAMESPACE" "FILES" ${ARGN})
  if(NOT ARG_NAMESPACE)
    set(ARG_NAMESPACE mgdm)
  endif()
  list(SORT ARG_FILES)
  set(declared "")
  set(listed "")
  foreach(file IN LISTS ARG_FILES)
    get_filename_component(stem ${file} NAME_WE)
    string(APPEND declared "${ARG_TYPE} describe_${stem}();\n")
    string(APPEND listed "    all.push_back(describe_${stem}());\n")
  endforeach()
  set(list ${CMAKE_CURRENT_BINARY_DIR}/${ARG_FUNCTION}_list.cpp)
  file(CONFIGURE OUTPUT ${list} @ONLY CONTENT [[// Made by mgdm_registry (core/registry.cmake).
#include "@ARG_HEADER@"

namespace @ARG_NAMESPACE@ {

@declared@
std::vector<@ARG_TYPE@> @ARG_FUNCTION@() {
    std::vector<@ARG_TYPE@> all;
@listed@    return all;
}

}  // namespace @ARG_NAMESPACE@
]])
  target_sources(${target} PRIVATE ${ARG_FILES} ${list})
endfunction()
