// How long a run will take on this computer, by how long the ones before it took.
#pragma once
#include <QString>

namespace mgdm {
struct RunRequest;
struct WorkingArea;
}  // namespace mgdm

namespace mgdm::ui {

/// Seconds, about. Before the first run with this model and sampler: by what runs took on two cores.
double expectedSeconds(const RunRequest& request, const WorkingArea& area);
/// Takes note of a run that went from beginning to end. `record`: its run.json.
void notePace(const QString& record, const WorkingArea& area);
/// "40 s", "3 min": as exact as a guess can be.
QString aboutTime(double seconds);

}  // namespace mgdm::ui
