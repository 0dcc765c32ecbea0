// rank_process.cpp: the processes that mpirun started, each one rank: they run the bodies that they are asked for.
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <map>

#include "01_tensor/todo.hpp"
#include "lines.hpp"
#include "ranks.hpp"

namespace rushlight::test {
namespace {

constexpr double kPatience = 2.5;  // of a rank that waits for another: then it says so itself

std::map<std::string, RankBody>& bodies() {
  static std::map<std::string, RankBody> all;
  return all;
}

class FailedParts : public ::testing::EmptyTestEventListener {
 public:
  void OnTestPartResult(const ::testing::TestPartResult& part) override {
    if (!part.failed()) return;
    parts.push_back({{"file", part.file_name() == nullptr ? "" : part.file_name()},
                     {"line", part.line_number()},
                     {"message", part.message()}});
  }
  json parts = json::array();
};

json answer(World& world, RankBody body, FailedParts& failed) {
  json says = json::object(), todo = json::array();
  failed.parts = json::array();
  std::string thrown;
  take_todos();
  try {
    body(world, says);
    world.set_patience(kPatience);  // the case may have had less
    world.barrier();                // nobody begins the next case while another is still at this one
  } catch (const Todo&) {
  } catch (const std::exception& error) {
    thrown = error.what();
  }
  for (const std::string& id : take_todos()) todo.push_back(id);
  return {{"said", says}, {"failed", failed.parts}, {"thrown", thrown}, {"todo", todo}};
}

// Asks for bodies until the case's process is gone.
void serve(FailedParts* failed) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  const Mpi mpi;
  socklen_t length = 0;
  const sockaddr_un where = address(std::getenv(kServe), length);
  const int line_to = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (::connect(line_to, reinterpret_cast<const sockaddr*>(&where), length) != 0) std::_Exit(3);
  const World all;
  write_line(line_to, json{{"rank", all.rank()}, {"pid", ::getpid()}}.dump());
  Lines lines(line_to);
  for (std::string line; lines.next(line, in(3600)) == Heard::line;) {
    const json wanted = json::parse(line);
    World world(wanted.at("ranks").get<int>());
    world.set_patience(kPatience);
    json reply = json::object();
    if (world.rank() >= 0) reply = answer(world, bodies().at(wanted.at("body").get<std::string>()), *failed);
    write_line(line_to, reply.dump(-1, ' ', false, json::error_handler_t::replace));
  }
  std::_Exit(0);  // gtest must not report on this process
}

void job() {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  const RankBody body = bodies().at(std::getenv(kJob));
  const int status = run_job([&](World& world) {
    world.set_patience(kPatience);
    json says;
    body(world, says);
  });
  std::_Exit(status);
}

template <class Body>
class Dynamic : public ::testing::Test {
 public:
  explicit Dynamic(Body body) : body_(body) {}
  void TestBody() override { body_(); }

 private:
  Body body_;
};

// In the processes that mpirun starts, the test program has one case: Rank.Runs.
const bool registered = [] {
  const bool serves = std::getenv(kServe) != nullptr;
  if (!serves && std::getenv(kJob) == nullptr) return false;
  const auto body = [serves] {
    auto* failed = new FailedParts;
    ::testing::UnitTest::GetInstance()->listeners().Append(failed);
    serves ? serve(failed) : job();
  };
  ::testing::RegisterTest("Rank", "Runs", nullptr, nullptr, __FILE__, __LINE__,
                          [body]() -> ::testing::Test* { return new Dynamic(body); });
  return true;
}();

}  // namespace

RegisterRankBody::RegisterRankBody(const char* name, RankBody body) { bodies()[name] = body; }

}  // namespace rushlight::test
