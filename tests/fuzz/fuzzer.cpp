// One libFuzzer program for each reader: compiled with MGDM_FUZZ_TARGET=NAME.
#include "tests/fuzz/targets.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  mgdm::fuzz::MGDM_FUZZ_TARGET(data, size);
  return 0;
}
