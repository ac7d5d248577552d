#include "ui/models/model_jobs.h"

#include <nlohmann/json.hpp>

#include "core/download/model_source.h"
#include "core/priors/catalogue.h"
#include "core/priors/model_import.h"
#include "ui/widgets/words.h"

namespace mgdm::ui {

ModelJobs::ModelJobs(QObject* parent) : JobController(parent) { setState(State::Ready); }

ModelJobs::~ModelJobs() { end(); }

void ModelJobs::import(const ImportRequest& request) {
  const auto job = [this, request](const Reply& reply, const std::stop_token& stop) {
    const auto ends = [&](std::function<void()> how) {
      reply([this, how = std::move(how)] {
        setState(State::Ready);
        how();
      });
    };
    int shown = -1;
    const auto tell = [&](double share, const std::string&) {
      const int now = static_cast<int>(share * 1000);
      if (now < shown + 5 && now < 1000) return;
      shown = now;
      reply([this, share] { Q_EMIT progress(share); });
    };
    try {
      const PriorCard card = import_model(request, tell, stop);
      ends([this, name = text(card.name), label = text(card.label)] { Q_EMIT imported(name, label); });
    } catch (const UntrustedProgram&) {
      ends([this] { Q_EMIT asksTrust(); });
    } catch (const MissingSetting& missing) {
      ends([this, key = text(missing.key), question = spoken(missing.question)] { Q_EMIT asks(key, question); });
    } catch (const std::exception& e) {
      ends([this, words = one_line(e)] { Q_EMIT failed(words); });
    }
  };
  begin(State::Running, job, false);
}

void ModelJobs::fetch(const std::string& name) {
  const auto job = [this, name](const Reply& reply, const std::stop_token& stop) {
    const auto ends = [&](std::function<void()> how) {
      reply([this, how = std::move(how)] {
        setState(State::Ready);
        how();
      });
    };
    try {
      const ModelSource& source = find_model_source(name);
      const auto card = fetch_model(
          source,
          [&](double share, const std::string& what) {
            reply([this, share, what = spoken(what)] {
              Q_EMIT progress(share);
              Q_EMIT doing(what);
            });
          },
          stop);
      if (card) {
        ends([this, name = text(card->name), label = spoken(card->label)] { Q_EMIT imported(name, label); });
      } else {
        const std::filesystem::path file = fetched_folder(source) / source.model;
        ends([this, file = text(file.string()), purpose = spoken(source.part_of)] { Q_EMIT fetched(file, purpose); });
      }
    } catch (const std::exception& e) {
      ends([this, words = one_line(e)] { Q_EMIT failed(words); });
    }
  };
  begin(State::Running, job, false);
}

void ModelJobs::verify(const std::string& name) {
  const auto job = [this, name](const Reply& reply, const std::stop_token& stop) {
    QString wrong;
    try {
      const auto found = verify_model(
          name, [&](double share, const std::string&) { reply([this, share] { Q_EMIT progress(share); }); }, stop);
      if (!found.empty()) wrong = text(found.front());
    } catch (const std::exception& e) {
      wrong = one_line(e);
    }
    reply([this, name = text(name), wrong] {
      setState(State::Ready);
      Q_EMIT verified(name, wrong);
    });
  };
  begin(State::Running, job, false);
}

}  // namespace mgdm::ui
