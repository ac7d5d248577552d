// The iterates of a finished run in one file, to be looked at again: pictures as JPEG, numbers as they were. Any
// thread.
#pragma once
#include <QString>
#include <vector>

#include "ui/widgets/pictures.h"

namespace mgdm::ui {

/// What a file may take; over it every second of the older half goes.
inline constexpr qint64 kIterateFileBytes = 8 << 20;

/// `under`: the photo as the network saw it, seen where a sample is transparent. Throws MediaError.
void write_iterates(const QString& file, const std::vector<Frame>& frames, const QImage& under);
/// Empty where there is no such file, or a damaged one.
std::vector<Frame> read_iterates(const QString& file);

}  // namespace mgdm::ui
