// The two places where threads meet, without LibTorch and without Qt's event queue in between, so that
// ThreadSanitizer sees all of it: cmake --preset tsan && cmake --build build/tsan --target tst_worker
#include <QtTest>
#include <atomic>
#include <chrono>
#include <thread>

#include "core/threads/mailbox.h"
#include "core/threads/worker.h"

using namespace mgdm;
using namespace std::chrono_literals;

class TestWorker : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void jobsRunOneAfterTheOtherInOrder() {
    std::vector<int> order;  // touched by the worker only, read after it has ended
    {
      Worker worker;
      std::atomic<int> done{0};
      for (int k = 0; k < 500; ++k) {
        worker.post([&, k](std::stop_token) {
          order.push_back(k);
          ++done;
        });
      }
      QTRY_COMPARE_WITH_TIMEOUT(done.load(), 500, 20000);
    }
    QCOMPARE(order.size(), size_t{500});
    QVERIFY(std::is_sorted(order.begin(), order.end()));
  }

  // What is to be done before a wait is done once for each, on the thread that waits, and takes no time of the work.
  void somethingIsDoneBeforeAWait() {
    Worker worker;
    std::atomic<int> steps{0}, done{0}, ended{0};
    std::atomic<double> not_worked{0};
    std::atomic<bool> own_thread{true};
    worker.post([&](std::stop_token stop) {
      const auto begun = std::chrono::steady_clock::now();
      const WorkClock clock;
      const auto thread = std::this_thread::get_id();
      {
        const WhileWaiting waiting([&, thread] {
          own_thread = own_thread && std::this_thread::get_id() == thread;
          std::this_thread::sleep_for(300ms);
          ++done;
        });
        while (!stop.stop_requested() && done < 2) {
          wait_if_paused(stop);
          ++steps;
          std::this_thread::sleep_for(1ms);
        }
      }
      not_worked = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count() - clock.seconds();
      for (int more = 0; more < 50; ++more) {
        wait_if_paused(stop);
        std::this_thread::sleep_for(1ms);
      }
      ++ended;
    });
    QTRY_VERIFY(steps > 2);
    QCOMPARE(done.load(), 0);
    for (int pause = 1; pause <= 2; ++pause) {
      const int before = steps;
      worker.pause().set(true);
      QTRY_COMPARE(done.load(), pause);
      std::this_thread::sleep_for(50ms);
      QCOMPARE(done.load(), pause);  // not again while it waits
      worker.pause().set(false);
      QTRY_VERIFY(steps > before);
    }
    QTRY_VERIFY(not_worked > 0);
    worker.pause().set(true);  // whoever asked for it is gone
    std::this_thread::sleep_for(50ms);
    worker.pause().set(false);
    QTRY_COMPARE(ended.load(), 1);
    QCOMPARE(done.load(), 2);
    QVERIFY(own_thread);
    QVERIFY2(not_worked > 0.59, qPrintable(QString::number(not_worked)));  // two times 300 ms
  }

  void aPausedJobWaitsAndIsStillStopped() {
    Worker worker;
    std::atomic<int> steps{0}, ended{0};
    std::atomic<double> worked{0};
    const auto job = [&](std::stop_token stop) {
      const WorkClock clock;
      while (!stop.stop_requested()) {
        wait_if_paused(stop);
        ++steps;
        std::this_thread::sleep_for(1ms);
      }
      worked = clock.seconds();
      ++ended;
    };
    worker.post(job);
    QTRY_VERIFY(steps > 5);
    worker.pause().set(true);
    std::this_thread::sleep_for(50ms);
    const int held = steps;
    std::this_thread::sleep_for(400ms);
    QCOMPARE(steps.load(), held);
    worker.pause().set(false);
    QTRY_VERIFY(steps > held + 5);
    worker.pause().set(true);
    std::this_thread::sleep_for(50ms);
    worker.stop();  // ends it though it waits
    QTRY_COMPARE(ended.load(), 1);
    QVERIFY2(worked < 0.35, qPrintable(QString::number(worked)));  // what it waited does not count
    {
      Worker another;
      another.pause().set(true);
      another.post(job);
      std::this_thread::sleep_for(50ms);
    }  // nor does it hang at the end
    QCOMPARE(ended.load(), 2);
  }

  void everyJobHearsOfAStop() {
    Worker worker;
    std::atomic<int> stopped{0}, begun{0};
    for (int k = 0; k < 20; ++k) {
      worker.post([&](std::stop_token stop) {
        ++begun;
        while (!stop.stop_requested()) std::this_thread::sleep_for(1ms);
        ++stopped;
      });
    }
    QTRY_VERIFY_WITH_TIMEOUT(begun > 0, 20000);
    worker.stop();
    QTRY_COMPARE_WITH_TIMEOUT(stopped.load(), 20, 20000);
    std::atomic<bool> ran{false};
    worker.post([&](std::stop_token stop) { ran = !stop.stop_requested(); });  // a later job is not stopped
    QTRY_VERIFY_WITH_TIMEOUT(ran.load(), 20000);
  }

  void itEndsWhereverItIs() {
    for (int k = 0; k < 200; ++k) {
      Worker worker;
      std::atomic<int> others{0};
      std::thread poster([&] {
        for (int i = 0; i < 5; ++i) {
          worker.post([](std::stop_token stop) {
            for (int n = 0; n < 50 && !stop.stop_requested(); ++n) std::this_thread::sleep_for(100us);
          });
          if (i == 3) worker.stop();
        }
        ++others;
      });
      std::this_thread::sleep_for(std::chrono::microseconds(37 * (k % 11)));
      poster.join();
      QCOMPARE(others.load(), 1);
    }
  }

  void theMailboxLosesOnlyOldLetters() {
    Mailbox<std::vector<int>> box;
    std::atomic<bool> done{false};
    std::atomic<int> told{0};
    std::thread writer([&] {
      for (int k = 1; k <= 20000; ++k) {
        if (box.put(std::vector<int>(3, k))) ++told;
      }
      done = true;
    });
    int last = 0, taken = 0;
    bool ascending = true, whole = true;
    const auto look = [&] {
      while (auto letter = box.take()) {
        ascending = ascending && letter->front() > last;
        whole = whole && letter->front() == letter->back();
        last = letter->front();
        ++taken;
      }
    };
    while (!done) look();
    writer.join();
    look();
    QVERIFY(ascending && whole);
    QCOMPARE(last, 20000);
    QCOMPARE(taken, told.load());  // whoever was told found a letter
  }
};

QTEST_GUILESS_MAIN(TestWorker)
#include "tst_worker.moc"
