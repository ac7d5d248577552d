#include "app/process.h"

#include <malloc.h>
#include <unistd.h>

#include <array>
#include <cstdlib>

void settle_process(char** argv) {
  if (std::getenv("OMP_WAIT_POLICY") == nullptr && std::getenv("GOMP_SPINCOUNT") == nullptr) {
    // Asleep at once beside a busy process, but not between the small operations that follow each other: a fifth of a
    // run's time.
    ::setenv("OMP_WAIT_POLICY", "passive", 1);
    ::setenv("GOMP_SPINCOUNT", "10000", 1);
    std::array<char, 4096> path{};  // not /proc/self/exe itself: that would become the process's name
    if (const ssize_t n = ::readlink("/proc/self/exe", path.data(), path.size() - 1); n > 0) ::execv(path.data(), argv);
  }
  ::mallopt(M_ARENA_MAX, 1);  // the worker's thread shares the main arena: others have at most 64 MB in one piece
  ::mallopt(M_MMAP_THRESHOLD, 32 << 20);
  ::mallopt(M_TRIM_THRESHOLD, 512 << 20);
  ::mallopt(M_TOP_PAD, 64 << 20);
}
