// 2025: what is done with a language model once it has read: distillation, preferences, a reward.
#include <algorithm>
#include <optional>
#include <utility>

#include "2017_transformer/corpus.hpp"
#include "2017_transformer/journal.hpp"
#include "2025_alignment/kept.hpp"
#include "2025_alignment/report.hpp"
#include "common/learner_state.hpp"
#include "common/milestone.hpp"

using namespace rushlight;
using namespace rushlight::alignment;
using milestone::emit;
using milestone::Writer;

namespace {

constexpr std::int64_t seeds = 3;

const milestone::About about{
    .title = "2025: alignment",
    .story =
        "A model that has read text says what text says. Three ways to make more of it, which everybody used by 2025:\n"
        "a student a quarter of its teacher's size learns from the teacher's distributions instead of from single\n"
        "characters; a model that has no opinion about style comes to prefer short words, from pairs (DPO); and one\n"
        "that writes digits at random learns to add, because a program says which are right (GRPO). Everything is\n"
        "done for three seeds. The control (--control) takes the sense out of each: the teacher has learnt from\n"
        "shuffled characters, a coin decides which text of a pair is the better one, and every answer gets the\n"
        "reward of another.",
    .epochs = 12,
    .resumes = true};

struct Wishes {
  std::string only;  // one part; empty: all
  bool wants(const std::string& part) const { return only.empty() || only == part; }
};

void add_options(CLI::App& app, Wishes& wishes) {
  app.add_option("--only", wishes.only, "one part: distillation, preference or reward")
      ->check(CLI::IsMember({"distillation", "preference", "reward"}));
}

// How long each training is, from --epochs, the teacher's rounds of a hundred steps.
class Plan {
 public:
  Plan(const milestone::Options& options, const Wishes& wishes) : epochs_(options.epochs) {
    const std::int64_t students = wishes.wants("distillation") ? 4 : wishes.wants("preference") ? 1 : 0;
    steps_ = (wishes.wants("distillation") ? teacher_rounds() * Writer::round : 0) +
             seeds * students * student_rounds() * Writer::round +
             (wishes.wants("preference") ? seeds * preference_steps() : 0) +
             (wishes.wants("reward") ? seeds * reward_steps() : 0);
  }
  std::int64_t teacher_rounds() const { return epochs_; }
  std::int64_t student_rounds() const { return std::max<std::int64_t>(1, epochs_ / 3); }
  std::int64_t preference_steps() const { return 5 * epochs_; }
  std::int64_t reward_steps() const { return 60 * epochs_; }
  std::int64_t steps() const { return steps_; }

 private:
  std::int64_t epochs_, steps_ = 0;
};

class Run {
 public:
  Run(const milestone::Options& options, const Wishes& wishes, const Plan& plan, milestone::Corpus corpus,
      milestone::Journal& journal)
      : options_(options), wishes_(wishes), plan_(plan), corpus_(std::move(corpus)), journal_(journal) {}

  Results measure() {
    if (wishes_.wants("distillation")) train_teacher();
    for (std::int64_t i = 0; i < seeds; ++i) {
      const std::uint64_t seed = options_.seed + static_cast<std::uint64_t>(i);
      if (wishes_.wants("distillation") || wishes_.wants("preference")) from_text(seed);
      if (wishes_.wants("reward")) from_reward(seed);
    }
    return results_;
  }

 private:
  // A step of the part under way. Here Ctrl-C ends the run.
  void show(std::int64_t step, const std::string& phase, milestone::Json more = milestone::Json::object()) const {
    if (step % 10 == 0) {
      milestone::Json fields{{"step", journal_.steps() + step}, {"steps", plan_.steps()}, {"phase", phase}};
      fields.update(more);
      emit("progress", std::move(fields));
    }
    if (stop_requested()) throw milestone::Stopped();
  }

  void train_teacher() {
    const std::int64_t rounds = plan_.teacher_rounds();
    teacher_.emplace(corpus_, options_.seed, teacher_options);
    const SafeTensors learnt =
        journal_.part("teacher", rounds * Writer::round, [&] { return learn_as_teacher(rounds); });
    teacher_->load(learnt);
    results_.teacher_loss = teacher_->validation_loss();
  }

  // What the teacher is after its last round; after each, that is kept.
  SafeTensors learn_as_teacher(std::int64_t rounds) {
    Generator deals(options_.seed);  // the control's characters
    SafeTensors state = journal_.begun();
    if (!milestone::is_empty(state)) deals.set_state(generator_at(state.metadata, "deals"));
    const auto on_round = [](std::int64_t round, double train_loss, double validation_loss) {
      emit("epoch", {{"epoch", round}, {"train_loss", train_loss}, {"validation_loss", validation_loss}});
    };
    const auto on_state = [&](const SafeTensors& now) {
      state = now;
      put(state.metadata, "deals", text_of(deals));
      journal_.keep(state, count_at(state.metadata, "steps"));
    };
    teacher_->train(rounds,
                    {.on_step =
                         [&](std::int64_t step, double loss) {
                           show(step, "teacher", {{"loss", loss}});
                         },
                     .on_round = on_round,
                     .on_state = on_state},
                    options_.control ? shuffled_loss(deals) : milestone::next_character_loss, journal_.begun());
    return state;
  }

  // The students of one seed, and the plain one's preferences.
  void from_text(std::uint64_t seed) {
    for (const Arm arm : arms) {
      if (arm != Arm::plain && !teacher_) continue;
      Writer student(corpus_, seed, student_options);
      const SafeTensors learnt =
          journal_.part(fmt::format("seed {}, {} student", seed, name_of(arm)), plan_.student_rounds() * Writer::round,
                        [&] { return learn_as_student(student, arm, seed); });
      results_.of(arm).push_back(number_at(learnt.metadata, "validation_loss"));
      if (arm != Arm::plain || !wishes_.wants("preference")) continue;
      student.load(learnt);
      prefer(student, seed);
    }
  }

  // Its loss, and of the plain one, which has to learn more, what it is.
  SafeTensors learn_as_student(Writer& student, Arm arm, std::uint64_t seed) {
    const std::int64_t rounds = plan_.student_rounds();
    SafeTensors learnt;
    double loss = 0;
    student.train(
        rounds,
        {.on_step = [&](std::int64_t step, double) { show(step, name_of(arm) + " student"); },
         .on_round = [&](std::int64_t, double, double validation_loss) { loss = validation_loss; },
         .on_state =
             [&](const SafeTensors& state) {
               if (arm == Arm::plain) learnt = state;
             }},
        arm == Arm::plain ? milestone::next_character_loss : loss_of(arm, teacher_->model(), rounds * Writer::round));
    emit("epoch", {{"epoch", rounds}, {"seed", seed}, {"student", name_of(arm)}, {"validation_loss", loss}});
    put(learnt.metadata, "validation_loss", text_of(loss));
    return learnt;
  }

  void prefer(Writer& student, std::uint64_t seed) {
    const std::int64_t steps = plan_.preference_steps();
    const auto learn = [&]() -> SafeTensors {
      const PreferenceReport report =
          learn_preference(student, {.steps = steps, .seed = seed, .swapped = options_.control},
                           [&](std::int64_t step, double) { show(step, "DPO"); });
      emit("epoch", {{"epoch", steps},
                     {"seed", seed},
                     {"pairs", report.train_pairs},
                     {"held_out_pairs", report.held_out_pairs},
                     {"accuracy_before", report.accuracy_before},
                     {"accuracy_after", report.accuracy_after},
                     {"neutral_text", report.neutral_change()}});
      return {.tensors = {}, .metadata = kept(report)};
    };
    results_.preferences.push_back(
        preference_at(journal_.part(fmt::format("seed {}, preference", seed), steps, learn).metadata));
  }

  void from_reward(std::uint64_t seed) {
    const std::int64_t steps = plan_.reward_steps();
    const auto learn = [&]() -> SafeTensors {
      const RewardReport report =
          learn_sums({.steps = steps, .seed = seed, .shuffled = options_.control},
                     {.on_step = [&](std::int64_t step, double) { show(step, "GRPO"); },
                      .on_state = [&](const SafeTensors& state, std::int64_t step) { journal_.keep(state, step); }},
                     journal_.begun());
      emit("epoch",
           {{"epoch", steps}, {"seed", seed}, {"reward_before", report.before}, {"reward_after", report.after}});
      return {.tensors = {}, .metadata = kept(report)};
    };
    results_.rewards.push_back(reward_at(journal_.part(fmt::format("seed {}, reward", seed), steps, learn).metadata));
  }

  milestone::Options options_;
  Wishes wishes_;
  Plan plan_;
  milestone::Corpus corpus_;
  milestone::Journal& journal_;
  std::optional<Writer> teacher_;
  Results results_;
};

bool conclude(const Results& results, const std::string& folder) {
  milestone::show_report(table_of(results), svg_of(results), folder);
  emit_pictures(results);
  return milestone::emit_claims(metrics_json(results), claims(results));
}

bool align(const milestone::Options& options, const Wishes& wishes) {
  milestone::Corpus corpus = milestone::read_lessons(options.data.empty() ? RUSHLIGHT_SOURCE_DIR : options.data);
  const std::string data = fmt::format(
      "Data: {} lessons of this course, {} characters of prose to learn from and {} to be tested on; sums of "
      "two digits.",
      corpus.lessons, corpus.train.size(), corpus.validation.size());
  const Plan plan(options, wishes);
  milestone::emit_start(about, options, plan.steps(), data);
  const StopOnInterrupt ctrl_c;
  milestone::Journal journal(options, {{"milestone", "alignment"},
                                       {"--only", wishes.only.empty() ? "not given" : wishes.only},
                                       {"text", milestone::digest_of(corpus.train + corpus.validation)}});
  milestone::emit_resumed(journal, options);
  return conclude(Run(options, wishes, plan, std::move(corpus), journal).measure(), options.out);
}

}  // namespace

int main(int argc, char** argv) {
  Wishes wishes;
  return milestone::run(
      argc, argv, about, [&](const milestone::Options& options) { return align(options, wishes); },
      [&](CLI::App& app, milestone::Options&) { add_options(app, wishes); });
}
