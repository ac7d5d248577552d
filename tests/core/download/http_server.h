// A web server of one thread for tests, with the habits of good and of bad ones: see `answer`.
#pragma once
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace mgdm::test {

class HttpServer {
 public:
  explicit HttpServer(std::map<std::string, std::string> files) : files_(std::move(files)) {
    socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in here{};
    here.sin_family = AF_INET;
    here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof here;
    if (::bind(socket_, reinterpret_cast<sockaddr*>(&here), size) != 0 || ::listen(socket_, 16) != 0 ||
        ::getsockname(socket_, reinterpret_cast<sockaddr*>(&here), &size) != 0)
      throw std::runtime_error("no local server");
    port_ = ntohs(here.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  ~HttpServer() {
    ending_ = true;
    ::shutdown(socket_, SHUT_RDWR);
    ::close(socket_);
    thread_.join();
  }
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  std::string address(const std::string& path) const { return "http://127.0.0.1:" + std::to_string(port_) + path; }
  /// "/break/a.bin bytes=300-" for each request.
  std::vector<std::string> requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
  }
  void replace(const std::string& file, const std::string& bytes, const std::string& tag) {
    const std::lock_guard lock(mutex_);
    files_[file] = bytes;
    tag_ = tag;
  }

 private:
  void serve() {
    while (!ending_) {
      const int client = ::accept4(socket_, nullptr, nullptr, SOCK_CLOEXEC);
      if (client < 0) return;
      std::string request;
      char buffer[4096];
      while (request.find("\r\n\r\n") == std::string::npos) {
        const ssize_t n = ::recv(client, buffer, sizeof buffer, 0);
        if (n <= 0) break;
        request.append(buffer, static_cast<size_t>(n));
      }
      answer(client, request);
      ::close(client);
    }
  }
  static std::string header(const std::string& request, const std::string& name) {
    const size_t at = request.find("\r\n" + name + ": ");
    if (at == std::string::npos) return {};
    const size_t begin = at + name.size() + 4;
    return request.substr(begin, request.find("\r\n", begin) - begin);
  }
  static bool send(int client, const std::string& bytes) {
    size_t sent = 0;
    while (sent < bytes.size()) {
      const ssize_t n = ::send(client, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
      if (n <= 0) return false;
      sent += static_cast<size_t>(n);
    }
    return true;
  }
  static void words(int client, const char* status, const std::string& more, const std::string& body) {
    send(client, std::string("HTTP/1.1 ") + status + "\r\nConnection: close\r\nContent-Length: " +
                     std::to_string(body.size()) + "\r\n" + more + "\r\n" + body);
  }

  // /KIND/FILE; kinds: file (ranges, a tag), plain (neither), moved (leads to file), break (ends after 100 kB), slow
  // (5 kB at a time), hang (10 kB, then never more), busy (503 twice), html, lfs, gone, account.
  void answer(int client, const std::string& request) {
    const std::string path = request.substr(4, request.find(' ', 4) - 4);
    const std::string kind = path.substr(1, path.find('/', 1) - 1), name = path.substr(path.find('/', 1) + 1);
    const std::string range = header(request, "Range"), condition = header(request, "If-Range");
    std::string bytes, tag;
    {
      const std::lock_guard lock(mutex_);
      requests_.push_back(path + " " + range);
      bytes = files_.count(name) > 0 ? files_[name] : std::string();
      tag = tag_;
    }
    if (kind == "moved") return words(client, "302 Found", "Location: /file/" + name + "\r\n", "");
    if (kind == "html")
      return words(client, "200 OK", "Content-Type: text/html; charset=utf-8\r\n", "<!doctype html>Log in");
    if (kind == "lfs") return words(client, "200 OK", "", "version https://git-lfs.github.com/spec/v1\noid sha256:0\n");
    if (kind == "gone") return words(client, "404 Not Found", "Content-Type: text/html\r\n", "<html>no");
    if (kind == "account") return words(client, "403 Forbidden", "", "no");
    if (kind == "busy" && ++busy_ <= 2) return words(client, "503 Service Unavailable", "", "later");
    size_t from = 0;
    std::string head = "HTTP/1.1 200 OK\r\n";
    if (kind != "plain" && !range.empty() && (condition.empty() || condition == tag)) {
      from = static_cast<size_t>(std::stoull(range.substr(6)));
      if (from >= bytes.size()) return words(client, "416 Range Not Satisfiable", "", "");
      head = "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes " + std::to_string(from) + "-" +
             std::to_string(bytes.size() - 1) + "/" + std::to_string(bytes.size()) + "\r\n";
    }
    if (kind != "plain") head += "ETag: " + tag + "\r\n";
    head += "Connection: close\r\nContent-Type: application/octet-stream\r\nContent-Length: " +
            std::to_string(bytes.size() - from) + "\r\n\r\n";
    if (!send(client, head)) return;
    const std::string rest = bytes.substr(from);
    if (kind == "break") {
      send(client, rest.substr(0, 100000));
    } else if (kind == "slow") {
      for (size_t at = 0; at < rest.size() && !ending_; at += 5000) {
        if (!send(client, rest.substr(at, 5000))) return;
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
      }
    } else if (kind == "hang") {
      if (from == 0) send(client, rest.substr(0, 10000));
      char byte = 0;
      (void)!::recv(client, &byte, 1, 0);  // until the other side gives up
    } else {
      send(client, rest);
    }
  }

  int socket_ = -1;
  uint16_t port_ = 0;
  std::atomic<bool> ending_ = false;
  mutable std::mutex mutex_;
  std::map<std::string, std::string> files_;
  std::string tag_ = "\"one\"";
  std::vector<std::string> requests_;
  int busy_ = 0;
  std::thread thread_;
};

}  // namespace mgdm::test
