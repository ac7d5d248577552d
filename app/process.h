// What every program of ours asks of the system before it computes anything.
#pragma once

/// First thing in main. Threads of the network wait for each other asleep after some
/// microseconds instead of spinning on: with one other busy process on two
/// cores, spinning made a run fifty times as long. libgomp reads that from the environment when it is loaded, so the
/// program starts itself once more with it set (a value that is set already stays). And memory of finished layers is
/// kept for the next ones instead of going back to the system page by page (a tenth of a large network's time).
void settle_process(char** argv);
