// What a stopped run of several parts goes on from, and what it does not take for its own.
#include "2017_transformer/journal.hpp"

#include "2017_transformer/writer.hpp"
#include "common/learner_state.hpp"
#include "support/rush_test.hpp"
#include "support/temporary_folder.hpp"

namespace rushlight::milestone {
namespace {

using test::TemporaryFolder;

SafeTensors numbers(const std::string& text, Real value = 1) {
  SafeTensors some;
  some.metadata["text"] = text;
  some.tensors["numbers"] = store(Array::full({3}, value));
  return some;
}

SafeTensors unasked() {
  ADD_FAILURE() << "a part that was finished is done again";
  return {};
}

Options in(const TemporaryFolder& folder, bool resume = false) {
  Options options;
  options.epochs = 4;
  options.out = folder.path();
  options.resume = resume;
  return options;
}

// One part of ten steps is finished, the next is at its third.
void leave_a_checkpoint(const TemporaryFolder& folder) {
  Journal journal(in(folder), {{"text", "abc"}});
  journal.part("first", 10, [] { return numbers("one", 1); });
  journal.keep(numbers("two", 2), 3);
}

const Metadata same{{"text", "abc"}}, other{{"text", "abd"}}, more{{"text", "abc"}, {"--only", "cnn"}};

TEST(Milestones_13, AJournalGivesBackWhatFinishedPartsGave) {
  const TemporaryFolder folder;
  leave_a_checkpoint(folder);
  Journal journal(in(folder, true), same);
  EXPECT_EQ(journal.goes_on_at(), 13);
  EXPECT_EQ(journal.steps(), 0);
  EXPECT_EQ(journal.part("first", 10, unasked), numbers("one", 1));
  EXPECT_TRUE(journal.is_from_before("first"));
  EXPECT_EQ(journal.steps(), 10);
  EXPECT_EQ(journal.begun(), numbers("two", 2));
  EXPECT_EQ(journal.part("second", 5, [] { return numbers("three"); }), numbers("three"));
  EXPECT_FALSE(journal.is_from_before("second"));
  EXPECT_TRUE(is_empty(journal.begun())) << "the next part begins at its beginning";
  const Journal again(in(folder, true), same);
  EXPECT_EQ(again.goes_on_at(), 15);
  EXPECT_TRUE(is_empty(again.begun()));
}

TEST(Milestones_13, AStopAfterAPartComesWhenItIsWrittenDown) {
  const TemporaryFolder folder;
  {
    Journal journal(in(folder), same);
    const auto stopped_in_it = [] {
      request_stop();
      return numbers("one");
    };
    EXPECT_THROW(journal.part("first", 10, stopped_in_it), Stopped);
    clear_stop();
  }
  Journal journal(in(folder, true), same);
  EXPECT_EQ(journal.part("first", 10, unasked), numbers("one"));
}

TEST(Milestones_13, AnotherRunsCheckpointIsRefusedAndStays) {
  const TemporaryFolder folder;
  leave_a_checkpoint(folder);
  const std::string path = folder / "checkpoint.safetensors";
  const std::vector<std::uint8_t> before = read_file(path);
  Options seed = in(folder, true), epochs = seed, control = seed, accelerated = seed;
  seed.seed = 2;
  epochs.epochs = 5;
  control.control = true;
  accelerated.accelerated = true;
  EXPECT_THROWS_WITH(Journal(seed, same), FileError, path, "--seed is 1 there, and 2 here", "without --resume");
  EXPECT_THROWS_WITH(Journal(epochs, same), FileError, path, "--epochs is 4 there, and 5 here");
  EXPECT_THROWS_WITH(Journal(control, same), FileError, path, "--control is not given there, and given here");
  EXPECT_THROWS_WITH(Journal(accelerated, same), FileError, path, "--accelerated is not given there, and given here");
  EXPECT_THROWS_WITH(Journal(in(folder, true), other), FileError, path, "text is abc there, and abd here");
  EXPECT_THROWS_WITH(Journal(in(folder, true), more), FileError, "--only is nothing");
  EXPECT_EQ(read_file(path), before);
}

TEST(Milestones_13, ACheckpointOfSomethingElseIsRefused) {
  const TemporaryFolder folder;
  const std::string path = folder / "checkpoint.safetensors";
  EXPECT_THROWS_WITH(Journal(in(folder, true), same), FileError, path, "without --resume");
  save_safetensors(path, numbers("of some other program"));
  EXPECT_THROWS_WITH(Journal(in(folder, true), same), FileError, path, "not the checkpoint of such a run");
}

TEST(Milestones_13, DamageAnywhereIsNoticedAndNothingIsTaken) {
  const TemporaryFolder folder;
  leave_a_checkpoint(folder);
  const std::string path = folder / "checkpoint.safetensors";
  const std::vector<std::uint8_t> whole = read_file(path);
  for (std::size_t i = 0; i < whole.size(); ++i) {
    std::vector<std::uint8_t> damaged = whole;
    damaged[i] ^= 1;
    write_file(path, damaged);
    SCOPED_TRACE(i);
    EXPECT_THROWS_WITH(Journal(in(folder, true), same), FileError, path, "without --resume");
    EXPECT_EQ(read_file(path), damaged);
  }
  write_file(path, std::span(whole).first(whole.size() - 1));
  EXPECT_THROWS_WITH(Journal(in(folder, true), same), FileError, path);
}

TEST(Milestones_13, AFolderThatTakesNothingEndsNoRun) {
  const TemporaryFolder folder;
  Options options = in(folder);
  options.out = folder / "nowhere";
  Journal journal(options, {});
  testing::internal::CaptureStdout();
  journal.keep(numbers("state"), 1);
  EXPECT_EQ(journal.part("first", 2, [] { return numbers("one"); }), numbers("one"));
  const std::string said = testing::internal::GetCapturedStdout();
  EXPECT_NE(said.find(options.out), std::string::npos) << said;
  EXPECT_EQ(said.find(options.out), said.rfind(options.out)) << "said once: " << said;
}

TEST(Milestones_13, ADigestDependsOnEveryByteAndItsPlace) {
  EXPECT_EQ(digest_of(""), "cbf29ce484222325");  // the values that its authors publish
  EXPECT_EQ(digest_of("a"), "af63dc4c8601ec8c");
  EXPECT_EQ(digest_of("foobar"), "85944171f73967e8");
}

// A writer that goes on from the state after its first round, and one that takes over that of the last.
TEST(Milestones_13, AWriterGoesOnBitForBit) {
  const Corpus corpus{.train = std::string(40, 'a') + "abcabbcacbbcabcbacbacbbbcabcabcabacbacbaccabacb",
                      .validation = std::string(70, 'c') + "abc",
                      .lessons = 1};
  const WriterOptions small{.width = 8, .layers = 1, .heads = 2, .dropout = 0.1};
  std::vector<SafeTensors> states;
  Writer whole(corpus, 3, small), rest(corpus, 4, small), loaded(corpus, 5, small);
  const Writer::Watch watch{.on_step = [](std::int64_t, double) {},
                            .on_round = [](std::int64_t, double, double) {},
                            .on_state = [&](const SafeTensors& state) { states.push_back(state); }};
  whole.train(2, watch);
  ASSERT_EQ(states.size(), 2U);
  rest.train(2, watch, next_character_loss, states.front());
  ASSERT_EQ(states.size(), 3U);
  EXPECT_EQ(states[1], states[2]);
  loaded.load(states[1]);
  const std::string text = whole.write("ab", 30, 1.0);
  EXPECT_EQ(rest.write("ab", 30, 1.0), text);
  EXPECT_EQ(loaded.write("ab", 30, 1.0), text);
}

}  // namespace
}  // namespace rushlight::milestone
