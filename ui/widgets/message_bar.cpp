#include "ui/widgets/message_bar.h"

#include <QEvent>
#include <QStyle>
#include <QToolButton>
#include <utility>

namespace mgdm::ui {

namespace {
constexpr int kCloseSpace = 34;  // at the right of the words
}

MessageBar::MessageBar(const QString& object_name, QWidget* over)
    : QLabel(over), over_(over), close_(new QToolButton(this)) {
  setObjectName(object_name);
  setAccessibleName(tr("Message"));
  setWordWrap(true);
  setTextInteractionFlags(Qt::TextBrowserInteraction | Qt::TextSelectableByKeyboard);
  setContentsMargins(0, 0, kCloseSpace, 0);
  close_->setObjectName(QStringLiteral("close_message"));
  close_->setText(QStringLiteral("×"));
  close_->setAutoRaise(true);
  close_->setCursor(Qt::ArrowCursor);
  close_->setToolTip(tr("Close the message"));
  close_->setAccessibleName(tr("Close the message"));
  connect(close_, &QToolButton::clicked, this, &QWidget::hide);
  connect(this, &QLabel::linkActivated, this, [this] {
    hide();
    if (const auto accepted = std::exchange(accepted_, {})) accepted();
  });
  if (over_ != nullptr) over_->installEventFilter(this);
  hide();
}

void MessageBar::showMessage(const QString& words, const QString& offer, std::function<void()> accepted) {
  say(words, offer, std::move(accepted), false);
}

void MessageBar::showNotice(const QString& words, const QString& offer, std::function<void()> accepted) {
  say(words, offer, std::move(accepted), true);
}

void MessageBar::settle() {
  if (!property("note").toBool()) hide();
}

void MessageBar::say(const QString& words, const QString& offer, std::function<void()> accepted, bool note) {
  accepted_ = std::move(accepted);
  setProperty("note", note);
  style()->polish(this);
  setTextFormat(offer.isEmpty() ? Qt::PlainText : Qt::RichText);
  setText(offer.isEmpty() ? words
                          : QStringLiteral("%1 <a href=\"resume\" style=\"color: palette(link)\">%2</a>")
                                .arg(words.toHtmlEscaped(), offer.toHtmlEscaped()));
  place();
  show();
  raise();
}

void MessageBar::place() {
  if (over_ == nullptr) return;
  const int width = over_->width();
  setGeometry(0, 0, width, std::max(heightForWidth(width), close_->sizeHint().height() + 8));
}

bool MessageBar::eventFilter(QObject* watched, QEvent* event) {
  if (event->type() == QEvent::Resize && isVisible()) place();
  return QLabel::eventFilter(watched, event);
}

void MessageBar::resizeEvent(QResizeEvent* event) {
  QLabel::resizeEvent(event);
  const QSize size = close_->sizeHint();
  close_->setGeometry(width() - size.width() - 6, 4, size.width(), size.height());
}

}  // namespace mgdm::ui
