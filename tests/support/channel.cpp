#include "support/channel.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>

namespace rushlight::reporting {
namespace {

constexpr char kOption[] = "--channel=";  // and the descriptor's number
constexpr std::size_t kNonce = 32;

int descriptor = -1;
pid_t owner = 0;
char nonce[kNonce];

// Somewhere else than it was left, and closed in programs that a case starts.
int moved(int from) {
  const int low = 64 + static_cast<unsigned char>(nonce[0]) + static_cast<unsigned char>(nonce[1]);
  int to = ::fcntl(from, F_DUPFD_CLOEXEC, low);
  if (to < 0) to = ::fcntl(from, F_DUPFD_CLOEXEC, 0);
  ::close(from);
  return to;
}

// 101: before every initialiser without a priority; what students write has none (object_rules.py).
__attribute__((constructor(101))) void open_channel(int argc, char** argv, char**) {
  for (int i = 1; i < argc; ++i) {
    if (std::strncmp(argv[i], kOption, sizeof kOption - 1) != 0) continue;
    const int from = std::atoi(argv[i] + sizeof kOption - 1);
    if (::recv(from, nonce, kNonce, 0) != static_cast<ssize_t>(kNonce)) ::_exit(3);
    descriptor = moved(from);
    owner = ::getpid();
  }
}

}  // namespace

bool channel_open() { return descriptor >= 0; }

// The number never stands in memory together with a line: nothing of it is left behind where strings were.
bool send(std::string_view line) {
  if (descriptor < 0 || ::getpid() != owner) return false;
  iovec parts[] = {{nonce, kNonce}, {const_cast<char*>(line.data()), line.size()}};
  msghdr message{};
  message.msg_iov = parts;
  message.msg_iovlen = 2;
  return ::sendmsg(descriptor, &message, MSG_NOSIGNAL) == static_cast<ssize_t>(kNonce + line.size());
}

}  // namespace rushlight::reporting
