// The grid of cells as one PNG or PDF, tile by tile: never more in memory than a band of it, however large it is.
#pragma once
#include <filesystem>
#include <functional>

#include "ui/compare/grid_sheet.h"

namespace mgdm::ui {

/// Called with the part that is done, 0 to 1. False: stop.
using ExportProgress = std::function<bool(double share)>;

/// Pictures at their own pixels, RGB, 8 bit; written line by line. GUI thread: waits for pictures that are still read
/// in an event loop of its own, so whoever calls keeps the person from starting another one. What has no picture is a
/// tile that says so. False: stopped by `progress`, nothing was written. Throws MediaError with the file's name (disk
/// full, folder gone, cells replaced by others meanwhile, more lines than a PNG can have); an old file stays as it was.
bool export_png(Cells& cells, const GridChoice& choice, const std::filesystem::path& file,
                const ExportProgress& progress = {});
/// The same on one page, pictures without loss, texts as texts.
bool export_pdf(Cells& cells, const GridChoice& choice, const std::filesystem::path& file,
                const ExportProgress& progress = {});

}  // namespace mgdm::ui
