// What the photo page says of a photo that has just been opened.
#include "core/media/photo_mask.h"
#include "ui/photo/document.h"
#include "ui/photo/photo_files.h"
#include "ui/photo/photo_page.h"
#include "ui/photo/task_panel.h"
#include "ui/widgets/message_bar.h"

namespace mgdm::ui {

void PhotoPage::sayOfFile(const QString& name) {
  const auto photo = document_->photo();
  const QString notes = document_->notes().join(QStringLiteral("; "));
  if (photo->damaged) {
    message_->showMessage(
        tr("%1 is damaged: the file ends before the picture does. What is missing is grey or smeared.").arg(name) +
        (notes.isEmpty() ? QString() : QStringLiteral(" (%1)").arg(notes)));
    return;
  }
  // Nothing takes the place of what is being offered: an interrupted run.
  if (!message_->isHidden()) return;
  const QString said = notes.isEmpty() ? QString() : tr("%1: %2.").arg(name, notes) + ' ';
  if (document_->maskEmpty() && !transparent_part(*photo).empty()) {
    message_->showNotice(said + tr("A part of %1 is transparent.").arg(name), tr("Fill that part"), [this] {
      chooseWay(Way::Fill);
      files_->useTransparentPart();
    });
  } else if (!notes.isEmpty()) {
    message_->showNotice(said.trimmed());
  }
}

}  // namespace mgdm::ui
