#include "app/command_line/interrupts.h"

#include <semaphore.h>

#include <csignal>
#include <cstdlib>
#include <thread>

#include "app/command_line/exit_codes.h"

namespace mgdm::app {

namespace {

sem_t signals_seen;

std::stop_source& stop_source() {
  static std::stop_source source;
  return source;
}

void wait_for_signal() {
  while (sem_wait(&signals_seen) != 0) {
  }
}

}  // namespace

std::stop_token stop_on_signals() {
  static const bool listening = [] {
    sem_init(&signals_seen, 0, 0);
    // A handler may do next to nothing, so a thread of its own asks for the stop. It lives as long as the process.
    for (const int signal : {SIGINT, SIGTERM, SIGUSR1}) std::signal(signal, [](int) { sem_post(&signals_seen); });
    std::thread([source = stop_source()]() mutable {
      wait_for_signal();
      source.request_stop();
      wait_for_signal();
      std::_Exit(kInterrupted);
    }).detach();
    return true;
  }();
  (void)listening;
  return stop_source().get_token();
}

bool interrupted() { return stop_source().stop_requested(); }

}  // namespace mgdm::app
