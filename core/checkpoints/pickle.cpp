#include "core/checkpoints/pickle.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <unordered_map>

namespace mgdm {

namespace {

using Kind = PickleValue::Kind;

class Machine {
 public:
  Machine(Bytes bytes, const std::string& name, const PickleHooks& hooks) : bytes_(bytes), name_(name), hooks_(hooks) {}

  Pickle run() {
    for (;;) {
      const unsigned char op = byte();
      if (op == '.') break;
      step(op);
    }
    pickle_.root = pop();
    pickle_.size = at_;
    return std::move(pickle_);
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw CheckpointError(name_ + ": its pickle is damaged: " + what + " at byte " + std::to_string(at_));
  }

  // ---- bytes ----
  unsigned char byte() {
    if (at_ >= bytes_.size()) fail("it ends too soon");
    return bytes_[at_++];
  }
  uint64_t number(int width) {
    if (bytes_.size() - at_ < static_cast<size_t>(width)) fail("it ends too soon");
    uint64_t value = 0;
    for (int i = 0; i < width; ++i) value |= uint64_t{bytes_[at_ + static_cast<size_t>(i)]} << (8 * i);
    at_ += static_cast<size_t>(width);
    return value;
  }
  std::string text(uint64_t length) {
    if (length > bytes_.size() - at_) fail("a text is longer than the file");
    std::string result(reinterpret_cast<const char*>(bytes_.data()) + at_, static_cast<size_t>(length));
    at_ += static_cast<size_t>(length);
    return result;
  }
  std::string line() {
    const auto* begin = bytes_.data() + at_;
    const auto* end = static_cast<const unsigned char*>(std::memchr(begin, '\n', bytes_.size() - at_));
    if (end == nullptr) fail("a line does not end");
    std::string result(reinterpret_cast<const char*>(begin), static_cast<size_t>(end - begin));
    at_ += static_cast<size_t>(end - begin) + 1;
    return result;
  }

  // ---- stack ----
  PickleValue* make(Kind kind) { return pickle_.make(kind); }
  void push(PickleValue* value) { stack_.push_back(value); }
  PickleValue* make_text(Kind kind, std::string words) {
    PickleValue* value = make(kind);
    value->text = std::move(words);
    return value;
  }
  PickleValue* make_int(int64_t n) {
    PickleValue* value = make(Kind::Int);
    value->integer = n;
    return value;
  }
  PickleValue* make_bool(bool yes) {
    PickleValue* value = make(Kind::Bool);
    value->integer = yes;
    return value;
  }
  size_t floor() const { return marks_.empty() ? 0 : marks_.back(); }
  PickleValue* pop() {
    if (stack_.size() <= floor()) fail("a value is missing");
    PickleValue* value = stack_.back();
    stack_.pop_back();
    return value;
  }
  PickleValue* top() {
    if (stack_.size() <= floor()) fail("a value is missing");
    return stack_.back();
  }
  std::vector<const PickleValue*> since_mark() {
    if (marks_.empty()) fail("a mark is missing");
    const std::vector<const PickleValue*> values(stack_.begin() + static_cast<ptrdiff_t>(marks_.back()), stack_.end());
    stack_.resize(marks_.back());
    marks_.pop_back();
    return values;
  }
  void tuple(size_t n) {
    PickleValue* value = make(Kind::Tuple);
    value->items.resize(n);
    for (size_t i = n; i-- > 0;) value->items[i] = pop();
    push(value);
  }
  void list_of(Kind kind) {
    auto values = since_mark();
    PickleValue* value = make(kind);
    value->items = std::move(values);
    push(value);
  }
  void set_entries(PickleValue* to, const std::vector<const PickleValue*>& values) {
    if (values.size() % 2 != 0) fail("a dict has a key without a value");
    if (!to->is(Kind::Dict) && !to->is(Kind::Object)) fail("entries are set in what is no dict");
    for (size_t i = 0; i < values.size(); i += 2) to->entries.emplace_back(values[i], values[i + 1]);
  }
  void append(PickleValue* to, const std::vector<const PickleValue*>& values) {
    if (!to->is(Kind::List) && !to->is(Kind::Set) && !to->is(Kind::Object))
      fail("items are appended to what is no list");
    to->items.insert(to->items.end(), values.begin(), values.end());
  }

  // ---- memo ----
  void put(uint64_t index) { memo_[index] = top(); }
  void get(uint64_t index) {
    const auto found = memo_.find(index);
    if (found == memo_.end()) fail("it refers to what was never stored");
    push(found->second);
  }
  uint64_t index_line() {
    const std::string digits = line();
    uint64_t value = 0;
    if (std::from_chars(digits.data(), digits.data() + digits.size(), value).ec != std::errc())
      fail("a number is expected");
    return value;
  }

  // ---- numbers ----
  PickleValue* long_of(const std::string& little_endian) {
    uint64_t value = 0;
    const bool negative = !little_endian.empty() && (static_cast<unsigned char>(little_endian.back()) & 0x80) != 0;
    bool large = false;
    for (size_t i = 0; i < little_endian.size(); ++i) {
      const auto b = static_cast<unsigned char>(little_endian[i]);
      if (i < 8) {
        value |= uint64_t{b} << (8 * i);
      } else {
        large = large || b != (negative ? 0xff : 0);
      }
    }
    for (size_t i = little_endian.size(); negative && i < 8; ++i) value |= uint64_t{0xff} << (8 * i);
    auto n = static_cast<int64_t>(value);
    large = large || (little_endian.size() >= 8 && (n < 0) != negative);
    if (large) n = negative ? std::numeric_limits<int64_t>::min() : std::numeric_limits<int64_t>::max();
    return make_int(n);
  }
  PickleValue* decimal(std::string words) {
    if (words == "00" || words == "01") return make_bool(words == "01");
    if (!words.empty() && words.back() == 'L') words.pop_back();
    int64_t n = 0;
    const auto result = std::from_chars(words.data(), words.data() + words.size(), n);
    if (result.ec == std::errc::result_out_of_range)
      n = words[0] == '-' ? std::numeric_limits<int64_t>::min() : std::numeric_limits<int64_t>::max();
    if (result.ec == std::errc::invalid_argument || result.ptr != words.data() + words.size())
      fail("a number is expected");
    return make_int(n);
  }

  PickleValue* float_line() {
    const std::string words = line();
    char* end = nullptr;
    PickleValue* value = make(Kind::Float);
    value->real = std::strtod(words.c_str(), &end);
    if (end == words.c_str()) fail("a number is expected");
    return value;
  }
  PickleValue* float_bytes() {  // big-endian
    uint64_t bits = 0;
    for (int i = 0; i < 8; ++i) bits = (bits << 8) | byte();
    PickleValue* value = make(Kind::Float);
    std::memcpy(&value->real, &bits, sizeof bits);
    return value;
  }
  std::string quoted_line() {  // Python 2's repr of a str; escapes stay as they are
    const std::string words = line();
    if (words.size() < 2 || (words.front() != '\'' && words.front() != '"') || words.back() != words.front())
      fail("a text is not in quotes");
    return words.substr(1, words.size() - 2);
  }

  // ---- objects ----
  PickleValue* global_lines() {
    std::string module = line();
    return make_text(Kind::Global, std::move(module) + '.' + line());
  }
  PickleValue* global_of_stack() {
    const PickleValue* attribute = pop();
    const PickleValue* module = pop();
    if (!attribute->is(Kind::Text) || !module->is(Kind::Text)) fail("a global has no name");
    return make_text(Kind::Global, module->text + '.' + attribute->text);
  }
  void call(const PickleValue* callee, const PickleValue* arguments) {
    if (callee->is(Kind::Global) && hooks_.call) {
      if (const PickleValue* made = hooks_.call(pickle_, *callee, *arguments)) {
        push(const_cast<PickleValue*>(made));
        return;
      }
    }
    PickleValue* object = make(Kind::Object);
    if (callee->is(Kind::Global) && callee->text == "collections.OrderedDict") {
      object->kind = Kind::Dict;
      if (!arguments->items.empty() &&
          arguments->items[0]->is(Kind::List)) {  // a list of pairs, as protocol 0 to 1 writes it
        for (const PickleValue* pair : arguments->items[0]->items) {
          if (pair->items.size() == 2) object->entries.emplace_back(pair->items[0], pair->items[1]);
        }
      }
    }
    object->callee = callee;
    object->arguments = arguments;
    push(object);
  }
  void call_of_stack() {
    const PickleValue* arguments = pop();
    const PickleValue* callee = pop();
    if (!arguments->is(Kind::Tuple)) fail("a call has no arguments");
    call(callee, arguments);
  }
  void call_since_mark(const PickleValue* callee) {  // nullptr: it is the first value
    auto values = since_mark();
    if (callee == nullptr) {
      if (values.empty()) fail("an object has no class");
      callee = values.front();
      values.erase(values.begin());
    }
    PickleValue* arguments = make(Kind::Tuple);
    arguments->items = std::move(values);
    call(callee, arguments);
  }
  void build() {
    const PickleValue* state = pop();
    PickleValue* to = top();
    if (!to->is(Kind::Object) && !to->is(Kind::Dict)) {
      if (!to->is(Kind::Tensor)) fail("a state is given to what has none");
      return;
    }
    to->state = state;
  }
  void persistent(const PickleValue* id) {
    const PickleValue* value = hooks_.persistent ? hooks_.persistent(pickle_, *id) : nullptr;
    if (value == nullptr) fail("it refers to something outside");
    push(const_cast<PickleValue*>(value));
  }

  // ---- opcodes, by group: whether it is one of them ----
  bool stack_step(unsigned char op) {
    switch (op) {
      case 0x80:  // PROTO
        if (const auto protocol = byte(); protocol > 5) fail("protocol " + std::to_string(protocol) + " is unknown");
        return true;
      case 0x95:  // FRAME
        number(8);
        return true;
      case '0':  // POP
        if (stack_.size() > floor()) {
          stack_.pop_back();
        } else {
          if (marks_.empty()) fail("a value is missing");
          marks_.pop_back();
        }
        return true;
      case '1':  // POP_MARK
        since_mark();
        return true;
      case '2':  // DUP
        push(top());
        return true;
      case '(':  // MARK
        marks_.push_back(stack_.size());
        return true;
      default:
        return false;
    }
  }

  bool number_step(unsigned char op) {
    switch (op) {
      case 'N':
        push(make(Kind::None));
        return true;
      case 0x88:
      case 0x89:
        push(make_bool(op == 0x88));
        return true;
      case 'I':
      case 'L':
        push(decimal(line()));
        return true;
      case 'J':
        push(make_int(static_cast<int32_t>(number(4))));
        return true;
      case 'K':
        push(make_int(byte()));
        return true;
      case 'M':
        push(make_int(static_cast<int64_t>(number(2))));
        return true;
      case 0x8a:
        push(long_of(text(byte())));
        return true;
      case 0x8b:
        push(long_of(text(number(4))));
        return true;
      case 'F':
        push(float_line());
        return true;
      case 'G':
        push(float_bytes());
        return true;
      default:
        return false;
    }
  }

  bool text_step(unsigned char op) {
    switch (op) {
      case 'S':
        push(make_text(Kind::Text, quoted_line()));
        return true;
      case 'V':
        push(make_text(Kind::Text, line()));
        return true;
      case 'U':
      case 0x8c:
        push(make_text(Kind::Text, text(byte())));
        return true;
      case 'T':
      case 'X':
        push(make_text(Kind::Text, text(number(4))));
        return true;
      case 0x8d:
        push(make_text(Kind::Text, text(number(8))));
        return true;
      case 'C':
        push(make_text(Kind::Bytes, text(byte())));
        return true;
      case 'B':
        push(make_text(Kind::Bytes, text(number(4))));
        return true;
      case 0x8e:
      case 0x96:
        push(make_text(Kind::Bytes, text(number(8))));
        return true;
      default:
        return false;
    }
  }

  bool list_step(unsigned char op) {  // lists, sets and tuples
    switch (op) {
      case ']':
        push(make(Kind::List));
        return true;
      case 0x8f:
        push(make(Kind::Set));
        return true;
      case ')':
        push(make(Kind::Tuple));
        return true;
      case 'l':
        list_of(Kind::List);
        return true;
      case 0x91:
        list_of(Kind::Set);
        return true;
      case 't':
        list_of(Kind::Tuple);
        return true;
      case 0x85:
      case 0x86:
      case 0x87:
        tuple(op - 0x84u);
        return true;
      case 'a': {
        const PickleValue* item = pop();
        append(top(), {item});
        return true;
      }
      case 'e':
      case 0x90: {
        const auto values = since_mark();
        append(top(), values);
        return true;
      }
      default:
        return false;
    }
  }

  bool dict_step(unsigned char op) {
    switch (op) {
      case '}':
        push(make(Kind::Dict));
        return true;
      case 'd': {
        const auto values = since_mark();
        PickleValue* dict = make(Kind::Dict);
        set_entries(dict, values);
        push(dict);
        return true;
      }
      case 's': {
        const PickleValue* value = pop();
        const PickleValue* key = pop();
        set_entries(top(), {key, value});
        return true;
      }
      case 'u': {
        const auto values = since_mark();
        set_entries(top(), values);
        return true;
      }
      default:
        return false;
    }
  }

  bool memo_step(unsigned char op) {
    switch (op) {
      case 'g':
        get(index_line());
        return true;
      case 'h':
        get(byte());
        return true;
      case 'j':
        get(number(4));
        return true;
      case 'p':
        put(index_line());
        return true;
      case 'q':
        put(byte());
        return true;
      case 'r':
        put(number(4));
        return true;
      case 0x94:
        put(memo_.size());
        return true;
      default:
        return false;
    }
  }

  bool object_step(unsigned char op) {
    switch (op) {
      case 'c':
        push(global_lines());
        return true;
      case 0x93:
        push(global_of_stack());
        return true;
      case 0x92:  // NEWOBJ_EX: keyword arguments are kept nowhere, nothing looks at them
        pop();
        call_of_stack();
        return true;
      case 'R':
      case 0x81:  // REDUCE, NEWOBJ
        call_of_stack();
        return true;
      case 'i':
        call_since_mark(global_lines());
        return true;
      case 'o':
        call_since_mark(nullptr);
        return true;
      case 'b':
        build();
        return true;
      case 'P':
        persistent(make_text(Kind::Text, line()));
        return true;
      case 'Q':
        persistent(pop());
        return true;
      default:
        return false;
    }
  }

  void step(unsigned char op) {
    if (stack_step(op) || number_step(op) || text_step(op) || list_step(op) || dict_step(op) || memo_step(op) ||
        object_step(op))
      return;
    --at_;
    char code[8];
    std::snprintf(code, sizeof code, "0x%02x", op);
    fail(std::string("unknown opcode ") + code);
  }

  Bytes bytes_;
  const std::string& name_;
  const PickleHooks& hooks_;
  size_t at_ = 0;
  Pickle pickle_;
  std::vector<PickleValue*> stack_;
  std::vector<size_t> marks_;
  std::unordered_map<uint64_t, PickleValue*> memo_;
};

}  // namespace

const PickleValue* PickleValue::find(const std::string& key) const {
  for (auto it = entries.rbegin(); it != entries.rend(); ++it) {
    if (it->first->is(Kind::Text) && it->first->text == key) return it->second;
  }
  return nullptr;
}

Pickle read_pickle(Bytes bytes, const std::string& name, const PickleHooks& hooks) {
  return Machine(bytes, name, hooks).run();
}

}  // namespace mgdm
