// 2025: what is done with a language model once it has read: distillation, preferences, a reward.
#include <algorithm>
#include <optional>
#include <utility>

#include "2017_transformer/corpus.hpp"
#include "2025_alignment/report.hpp"
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
    .epochs = 12};

struct Wishes {
  std::string only;  // one part; empty: all
  bool wants(const std::string& part) const { return only.empty() || only == part; }
};

void add_options(CLI::App& app, Wishes& wishes) {
  app.add_option("--only", wishes.only, "one part: distillation, preference or reward")
      ->check(CLI::IsMember({"distillation", "preference", "reward"}));
}

// How long each training is, from --epochs, the teacher's rounds of a hundred steps; and how far all have come.
class Plan {
 public:
  Plan(const milestone::Options& options, const Wishes& wishes) : epochs_(options.epochs) {
    const std::int64_t students = wishes.wants("distillation") ? 4 : wishes.wants("preference") ? 1 : 0;
    steps_ = (wishes.wants("distillation") ? epochs_ * Writer::round : 0) +
             seeds * students * student_rounds() * Writer::round +
             (wishes.wants("preference") ? seeds * preference_steps() : 0) +
             (wishes.wants("reward") ? seeds * reward_steps() : 0);
  }
  std::int64_t student_rounds() const { return std::max<std::int64_t>(1, epochs_ / 3); }
  std::int64_t preference_steps() const { return 5 * epochs_; }
  std::int64_t reward_steps() const { return 60 * epochs_; }
  std::int64_t steps() const { return steps_; }

  // `step` steps of a training that has begun after all those that end_training() was told of.
  void show(std::int64_t step, const std::string& phase, milestone::Json more = milestone::Json::object()) const {
    if (step % 10 != 0) return;
    milestone::Json fields{{"step", done_ + step}, {"steps", steps_}, {"phase", phase}};
    fields.update(more);
    emit("progress", std::move(fields));
  }
  void end_training(std::int64_t steps) { done_ += steps; }

 private:
  std::int64_t epochs_, steps_ = 0, done_ = 0;
};

class Run {
 public:
  Run(const milestone::Options& options, const Wishes& wishes, milestone::Corpus corpus)
      : options_(options), wishes_(wishes), corpus_(std::move(corpus)), plan_(options, wishes) {}

  std::int64_t steps() const { return plan_.steps(); }

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
  void train_teacher() {
    teacher_.emplace(corpus_, options_.seed, teacher_options);
    teacher_->train(
        options_.epochs,
        {.on_step =
             [&](std::int64_t step, double loss) {
               plan_.show(step, "teacher", {{"loss", loss}});
             },
         .on_round =
             [](std::int64_t round, double train_loss, double validation_loss) {
               emit("epoch", {{"epoch", round}, {"train_loss", train_loss}, {"validation_loss", validation_loss}});
             }},
        options_.control ? shuffled_loss(options_.seed) : milestone::next_character_loss);
    plan_.end_training(options_.epochs * Writer::round);
    results_.teacher_loss = teacher_->validation_loss();
  }

  // The students of one seed, and the plain one's preferences.
  void from_text(std::uint64_t seed) {
    for (const Arm arm : arms) {
      if (arm != Arm::plain && !teacher_) continue;
      Writer student(corpus_, seed, student_options);
      results_.of(arm).push_back(train_student(student, arm, seed));
      if (arm == Arm::plain && wishes_.wants("preference")) prefer(student, seed);
    }
  }

  double train_student(Writer& student, Arm arm, std::uint64_t seed) {
    const std::int64_t steps = plan_.student_rounds() * Writer::round;
    double loss = 0;
    student.train(plan_.student_rounds(),
                  {.on_step = [&](std::int64_t step, double) { plan_.show(step, name_of(arm) + " student"); },
                   .on_round = [&](std::int64_t, double, double validation_loss) { loss = validation_loss; }},
                  arm == Arm::plain ? milestone::next_character_loss : loss_of(arm, teacher_->model(), steps));
    plan_.end_training(steps);
    emit("epoch",
         {{"epoch", plan_.student_rounds()}, {"seed", seed}, {"student", name_of(arm)}, {"validation_loss", loss}});
    return loss;
  }

  void prefer(Writer& student, std::uint64_t seed) {
    const std::int64_t steps = plan_.preference_steps();
    const PreferenceReport report =
        learn_preference(student, {.steps = steps, .seed = seed, .swapped = options_.control},
                         [&](std::int64_t step, double) { plan_.show(step, "DPO"); });
    plan_.end_training(steps);
    emit("epoch", {{"epoch", steps},
                   {"seed", seed},
                   {"pairs", report.train_pairs},
                   {"held_out_pairs", report.held_out_pairs},
                   {"accuracy_before", report.accuracy_before},
                   {"accuracy_after", report.accuracy_after},
                   {"neutral_text", report.neutral_change()}});
    results_.preferences.push_back(report);
  }

  void from_reward(std::uint64_t seed) {
    const std::int64_t steps = plan_.reward_steps();
    const RewardReport report = learn_sums({.steps = steps, .seed = seed, .shuffled = options_.control},
                                           [&](std::int64_t step, double) { plan_.show(step, "GRPO"); });
    plan_.end_training(steps);
    emit("epoch", {{"epoch", steps}, {"seed", seed}, {"reward_before", report.before}, {"reward_after", report.after}});
    results_.rewards.push_back(report);
  }

  milestone::Options options_;
  Wishes wishes_;
  milestone::Corpus corpus_;
  Plan plan_;
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
  Run run(options, wishes, std::move(corpus));
  milestone::emit_start(about, options, run.steps(), data);
  return conclude(run.measure(), options.out);
}

}  // namespace

int main(int argc, char** argv) {
  Wishes wishes;
  return milestone::run(
      argc, argv, about, [&](const milestone::Options& options) { return align(options, wishes); },
      [&](CLI::App& app, milestone::Options&) { add_options(app, wishes); });
}
