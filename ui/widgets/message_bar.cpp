#include "ui/widgets/message_bar.h"

#include <QStyle>
#include <QToolButton>

namespace mgdm::ui {

MessageBar::MessageBar(const QString& object_name, QWidget* parent) : QLabel(parent) {
  setObjectName(object_name);
  setAccessibleName(tr("Message"));
  setWordWrap(true);
  setTextInteractionFlags(Qt::TextBrowserInteraction | Qt::TextSelectableByKeyboard);
  connect(this, &QLabel::linkActivated, this, &MessageBar::accepted);
  close_ = new QToolButton(this);
  close_->setObjectName(QStringLiteral("close_message"));
  close_->setText(QStringLiteral("×"));
  close_->setAccessibleName(tr("Close the message"));
  close_->setToolTip(tr("Close the message"));
  connect(close_, &QToolButton::clicked, this, &QWidget::hide);
  hide();
}

void MessageBar::resizeEvent(QResizeEvent* event) {
  QLabel::resizeEvent(event);
  close_->adjustSize();
  close_->move(width() - close_->width() - 6, 4);
}

void MessageBar::showMessage(const QString& words) { say(words, Qt::PlainText, false); }

void MessageBar::showNotice(const QString& words, const QString& offer) {
  if (offer.isEmpty()) {
    say(words, Qt::PlainText, true);
  } else {
    say(QStringLiteral("%1 <a href=\"resume\" style=\"color: palette(link)\">%2</a>")
            .arg(words.toHtmlEscaped(), offer.toHtmlEscaped()),
        Qt::RichText, true);
  }
}

void MessageBar::say(const QString& words, Qt::TextFormat format, bool note) {
  setProperty("note", note);
  style()->polish(this);
  setTextFormat(format);
  setText(words);
  show();
}

}  // namespace mgdm::ui
