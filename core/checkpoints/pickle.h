// A pickle as data: what a Python pickle describes, without importing or calling anything.
//
// Numbers, texts, tuples, lists, dicts and sets become values. Every other global (a class, a function) stays a name,
// and what the pickle would have made with it stays an inert `Object` that keeps its arguments, state, items and
// entries, to be walked. What PyTorch puts beside a pickle comes in through `persistent`: a value for each persistent
// id.
//
// Every length is checked against the bytes that are there before anything is allocated; the number of values is
// limited by the number of bytes, the depth of anything that is walked by the caller. Errors are CheckpointError.
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "core/checkpoints/mapped_file.h"
#include "core/checkpoints/safetensors.h"

namespace mgdm {

struct PickleValue {
  enum class Kind { None, Bool, Int, Float, Text, Bytes, Tuple, List, Set, Dict, Global, Object, Tensor };
  Kind kind = Kind::None;
  int64_t integer = 0;                    ///< Bool, Int (saturated if it needs more than 64 bits)
  double real = 0;                        ///< Float
  std::string text;                       ///< Text (UTF-8), Bytes, Global ("module.name")
  std::vector<const PickleValue*> items;  ///< Tuple, List, Set; Object: what was appended
  std::vector<std::pair<const PickleValue*, const PickleValue*>> entries;  ///< Dict, in order; Object: what was set
  const PickleValue* callee = nullptr;                                     ///< Object: the global it was made with
  const PickleValue* arguments = nullptr;                                  ///< Object
  const PickleValue* state = nullptr;  ///< Object, Dict: what BUILD gave; nullptr: nothing
  at::Tensor tensor;                   ///< Tensor

  bool is(Kind k) const { return kind == k; }
  bool is_object_of(const char* global) const {
    return kind == Kind::Object && callee != nullptr && callee->text == global;
  }
  /// The entry of a Dict (or Object) under a text, the last if there are several; nullptr: none.
  const PickleValue* find(const std::string& key) const;
};

/// Owns all values of a pickle; they may refer to each other in circles.
class Pickle {
 public:
  const PickleValue* root = nullptr;
  size_t size = 0;  ///< bytes read; what follows the STOP is not looked at
  PickleValue* make(PickleValue::Kind kind) {
    values_.emplace_back().kind = kind;
    return &values_.back();
  }

 private:
  std::deque<PickleValue> values_;
};

/// Called for a persistent id (a Tuple with PyTorch), and for what is made by calling a global: returns the value to
/// take its place, or nullptr to keep it inert.
struct PickleHooks {
  std::function<const PickleValue*(Pickle&, const PickleValue& id)> persistent;
  std::function<const PickleValue*(Pickle&, const PickleValue& callee, const PickleValue& arguments)> call;
};

/// Protocols 0 to 5. `name` is the file's, for messages. Throws CheckpointError.
Pickle read_pickle(Bytes bytes, const std::string& name, const PickleHooks& hooks);

}  // namespace mgdm
