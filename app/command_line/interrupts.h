// Ctrl-C, SIGTERM and SIGUSR1 (a cluster's warning): a run ends at its next network evaluation and keeps what there is.
#pragma once
#include <stop_token>

namespace mgdm::app {

/// From here on SIGINT, SIGTERM and SIGUSR1 request the stop; a second one ends the program at once. Commands that have
/// nothing to keep do not call this. May be called again; the token is always the same.
std::stop_token stop_on_signals();

/// Whether one came.
bool interrupted();

}  // namespace mgdm::app
