#include "ui/shell/help.h"

#include <torch/version.h>

#include <QAction>
#include <QCoreApplication>
#include <QDialog>
#include <QDialogButtonBox>
#include <QTextBrowser>
#include <QVBoxLayout>
#include <opencv2/core/version.hpp>

#include "ui/shell/actions.h"

namespace mgdm::ui {

namespace {

QDialog* text_dialog(const QString& title, const QString& html, QWidget* parent) {
  auto* dialog = new QDialog(parent);
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  dialog->setWindowTitle(title);
  dialog->resize(560, 520);
  auto* text = new QTextBrowser;
  text->setAccessibleName(title);
  text->setOpenExternalLinks(true);
  text->setHtml(html);
  text->setFrameShape(QFrame::NoFrame);
  text->document()->setDocumentMargin(12);
  auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close);
  QObject::connect(buttons, &QDialogButtonBox::rejected, dialog, &QDialog::reject);
  auto* column = new QVBoxLayout(dialog);
  column->addWidget(text);
  column->addWidget(buttons);
  return dialog;
}

QString link(const QString& address, const QString& name) {
  return QStringLiteral("<a href=\"%1\">%2</a>").arg(address, name.toHtmlEscaped());
}

QString list(const QStringList& items) {
  return QStringLiteral("<ul><li>") + items.join(QStringLiteral("</li><li>")) + QStringLiteral("</li></ul>");
}

QString section(const QString& title) { return QStringLiteral("<h3>%1</h3>").arg(title.toHtmlEscaped()); }

}  // namespace

QDialog* helpDialog(const Actions& actions, QWidget* parent) {
  const auto key = [&actions](const char* id) {
    for (const QAction* action : actions.all()) {
      if (action->objectName() == QLatin1String(id))
        return QStringLiteral("<b>%1</b>").arg(action->shortcut().toString(QKeySequence::NativeText).toHtmlEscaped());
    }
    return QString();
  };
  QString html = section(QCoreApplication::translate("Help", "Fill a part of a photo"));
  html += list(
      {QCoreApplication::translate("Help", "Open a photo (%1), or drop it on the window.").arg(key("open")),
       QCoreApplication::translate("Help", "Paint over what should go: brush %1, lasso %2, rectangle %3. Space pans.")
           .arg(key("brush"), key("lasso"), key("rectangle")),
       QCoreApplication::translate("Help", "Run (%1), and watch. Stop and keep (%2) is possible at any time.")
           .arg(key("run"), key("stop")),
       QCoreApplication::translate("Help", "Put the result into the photo (%1) as a layer; save with %2.")
           .arg(key("accept"), key("save"))});
  html += section(QCoreApplication::translate("Help", "Repair a damaged photo"));
  html += list({QCoreApplication::translate("Help", "Choose \"My photo is damaged\", then what is wrong with it."),
                QCoreApplication::translate("Help", "Run. Before and after: %1 with a slider, %2 side by side.")
                    .arg(key("slider"), key("side_by_side"))});
  html += section(QCoreApplication::translate("Help", "Take a song apart"));
  html +=
      list({QCoreApplication::translate("Help", "Go to the songs (%1), open one, and mark a part by dragging over it.")
                .arg(key("songs_page")),
            QCoreApplication::translate("Help", "Run; mute and solo the stems while they form, then export them (%1).")
                .arg(key("song_export"))});
  html += QStringLiteral("<p>%1</p>")
              .arg(QCoreApplication::translate("Help",
                                               "All keys can be seen and changed in the menu, under \"Keyboard "
                                               "shortcuts…\". The panels at the sides "
                                               "fold away with %1 and %2.")
                       .arg(key("left_panel"), key("right_panel")));
  return text_dialog(QCoreApplication::translate("Help", "First steps"), html, parent);
}

QDialog* aboutDialog(QWidget* parent) {
  QString html = QStringLiteral("<h2>MGDM Studio %1</h2>").arg(QCoreApplication::applicationVersion());
  html += QStringLiteral("<p>%1</p>")
              .arg(QCoreApplication::translate(
                  "Help",
                  "Restores photos and takes songs apart with samples of a diffusion model, on this computer alone."));
  html += section(QCoreApplication::translate("Help", "Method"));
  html += list({link(QStringLiteral("https://arxiv.org/abs/2502.03332"),
                     QStringLiteral("A Mixture-Based Framework for Guiding Diffusion Models")) +
                QStringLiteral(" (ICML 2025)")});
  html += section(QCoreApplication::translate("Help", "Licences"));
  html +=
      list({QCoreApplication::translate("Help", "The program: %1")
                .arg(link(QStringLiteral("https://www.apache.org/licenses/LICENSE-2.0"), QStringLiteral("Apache-2.0"))),
            QCoreApplication::translate("Help",
                                        "The shipped models: %1. The window of the models names the material that "
                                        "each was trained on.")
                .arg(link(QStringLiteral("https://creativecommons.org/licenses/by-sa/4.0/"),
                          QStringLiteral("CC BY-SA 4.0"))),
            QCoreApplication::translate("Help", "The sample photo and the sample song: %1")
                .arg(link(QStringLiteral("https://creativecommons.org/publicdomain/zero/1.0/"),
                          QStringLiteral("CC0 1.0")))});
  html += section(QCoreApplication::translate("Help", "It stands on"));
  html += list(
      {link(QStringLiteral("https://www.qt.io"), QStringLiteral("Qt ") + QLatin1String(qVersion())) +
           QStringLiteral(" (LGPL-3.0)"),
       link(QStringLiteral("https://pytorch.org"), QStringLiteral("LibTorch " TORCH_VERSION)) +
           QStringLiteral(" (BSD-3-Clause)"),
       link(QStringLiteral("https://opencv.org"), QStringLiteral("OpenCV " CV_VERSION)) +
           QStringLiteral(" (Apache-2.0)"),
       link(QStringLiteral("https://libsndfile.github.io/libsndfile/"), QStringLiteral("libsndfile")) +
           QStringLiteral(" (LGPL-2.1)"),
       link(QStringLiteral("https://sourceforge.net/projects/soxr/"), QStringLiteral("soxr")) +
           QStringLiteral(" (LGPL-2.1)"),
       link(QStringLiteral("https://www.portaudio.com"), QStringLiteral("PortAudio")) + QStringLiteral(" (MIT)"),
       link(QStringLiteral("https://www.surina.net/soundtouch/"), QStringLiteral("SoundTouch")) +
           QStringLiteral(" (LGPL-2.1)"),
       link(QStringLiteral("https://www.littlecms.com"), QStringLiteral("Little CMS")) + QStringLiteral(" (MIT)")});
  return text_dialog(QCoreApplication::translate("Help", "About MGDM Studio"), html, parent);
}

}  // namespace mgdm::ui
