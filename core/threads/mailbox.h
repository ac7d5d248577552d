// A single-slot mailbox between two threads: the latest value wins, nobody ever waits.
#pragma once
#include <mutex>
#include <optional>
#include <utility>

namespace mgdm {

/// Safe for any number of writers and readers.
template <typename T>
class Mailbox {
 public:
  /// Replaces what is there. True if the slot was empty: the reader then has to be told once.
  bool put(T value) {
    const std::lock_guard lock(mutex_);
    const bool was_empty = !slot_.has_value();
    slot_ = std::move(value);
    return was_empty;
  }
  bool full() const {
    const std::lock_guard lock(mutex_);
    return slot_.has_value();
  }
  std::optional<T> take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(slot_, std::nullopt);
  }

 private:
  mutable std::mutex mutex_;
  std::optional<T> slot_;
};

}  // namespace mgdm
