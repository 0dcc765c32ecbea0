// 2016: direct feedback alignment. Hidden layers learn from random projections of the output's error, without a
// backward pass; and the program measures how well those agree with the gradient.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "07_training/checkpoint.hpp"
#include "2016_feedback_alignment/checkpoint.hpp"
#include "2016_feedback_alignment/progress.hpp"
#include "2016_feedback_alignment/report.hpp"
#include "common/folder.hpp"
#include "common/milestone.hpp"
#include "common/predictions.hpp"
#include "common/training.hpp"

using namespace rushlight;
using namespace rushlight::dfa;
using milestone::emit;

namespace {

constexpr std::int64_t quick_images = 10'000;
constexpr std::int64_t quick_examples = 100'000;  // 10 epochs of them, or more epochs of a smaller set

const milestone::About about{
    .title = "2016: direct feedback alignment",
    .story =
        "Back-propagation needs every layer to know the weights of all layers above it. Nothing in a brain seems to.\n"
        "In 2016 Arild Nøkland trained hidden layers on the output's error times a fixed random matrix instead. Here "
        "a\n"
        "residual network learns that way, with and without a penalty on what each block adds, beside "
        "back-propagation\n"
        "and beside a network of which only the last layer learns. Without the penalty the residual stream blows up "
        "and\n"
        "the gradient vanishes; with it the gradient comes back, and still the credit does not point along it. The\n"
        "control (--control) leaves the penalty out of both arms, so that nothing can differ.",
    .epochs = 100,
    .resumes = true};

struct Wishes {
  bool quick = false;
  double lr = 1e-3;
  double weight_decay = 1e-2;
  double lam = 1e-2;
  std::string records;
  bool epochs_given = false;
};

void add_options(CLI::App& app, milestone::Options& options, Wishes& wishes) {
  options.seed = 42;
  app.add_flag("--quick", wishes.quick, "10 epochs of 10,000 images, which are not cropped and flipped");
  app.add_option("--lr", wishes.lr, "learning rate at the start")->capture_default_str();
  app.add_option("--wd", wishes.weight_decay, "weight decay")->capture_default_str();
  app.add_option("--lam", wishes.lam, "the penalty on what a block adds")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  app.add_option("--output_dir", options.out, "the same as --out");
  app.add_option("--write_records", wishes.records, "also write the images to this folder, in CIFAR-10's format");
  app.final_callback([&app, &wishes] { wishes.epochs_given = app.count("--epochs") > 0; });
}

std::vector<Arm> arms(double lam) {
  return {{.name = "head only", .method = Method::head_only},
          {.name = "backprop", .method = Method::backprop},
          {.name = "vanilla", .method = Method::feedback, .lam = 0},
          {.name = "penalised", .method = Method::feedback, .lam = lam}};
}

// Events of one arm, counted on from where the arm before it ended.
Watch watch(const Arm& arm, std::int64_t arm_index, std::int64_t epochs, std::int64_t batches) {
  const std::int64_t all = 4 * epochs * batches;
  return {.on_step =
              [=](std::int64_t epoch, std::int64_t step) {
                if (stop_requested()) throw milestone::Stopped();
                if (step % 10 != 0) return;
                const std::int64_t done = (arm_index * epochs + epoch - 1) * batches + step;
                emit("progress", {{"step", done}, {"steps", all}, {"phase", arm.name}, {"epoch", epoch}});
              },
          .on_epoch =
              [=](const EpochReport& report) {
                emit("epoch", {{"epoch", report.epoch},
                               {"arm", arm.name},
                               {"train_loss", report.train_loss},
                               {"test_accuracy", report.test_accuracy},
                               {"h_norm", report.h_norm}});
              },
          .on_state = {}};
}

// Where an arm's checkpoint goes.
std::string checkpoint_in(const std::string& folder, std::string arm) {
  std::replace(arm.begin(), arm.end(), ' ', '_');
  return folder + "/" + arm + ".safetensors";
}

Images chosen_images(const std::string& folder, const Wishes& wishes) {
  Images images = find_images(folder);
  if (wishes.quick) images.train = first_images(images.train, quick_images);
  if (!wishes.records.empty()) write_records(wishes.records, images.train, images.test);
  return images;
}

struct Trained {
  ArmReport report;
  std::vector<int> answers;  // to the test images
};

// Where a run goes on, counted as watch() counts.
void emit_resumed(const RunState& state, std::int64_t epochs, std::int64_t batches) {
  const auto arms_done = static_cast<std::int64_t>(state.done.size());
  const auto epochs_done = static_cast<std::int64_t>(state.current.epochs.size());
  emit("resumed",
       {{"step", (arms_done * epochs + epochs_done) * batches}, {"epoch", arms_done * epochs + epochs_done}});
}

// Trains an arm, or what is left of it, keeps it in a file, and proves that the file measures the same.
Trained run_and_prove(const Arm& arm, const Settings& settings, Loaders& loaders, const std::string& path,
                      const Watch& watch, const ArmState& begun) {
  Learner learner(settings.model, settings.seed);
  const ArmReport report = run_arm(learner, arm, settings, loaders, watch, begun);
  save_checkpoint(path, learner, settings, report);
  prove_reproducible(path, report, loaders);
  return {report, milestone::predictions(learner.model, *loaders.test)};
}

// An arm that was done before the run was stopped: its file is there.
Trained done_before(ArmReport report, const Arm& arm, const std::string& path, Loaders& loaders) {
  report.arm = arm;
  prove_reproducible(path, report, loaders);
  Checkpoint trained = load_checkpoint(path);
  return {std::move(report), milestone::predictions(trained.learner.model, *loaders.test)};
}

// All four arms, from the beginning or from where the run was stopped.
milestone::Predictions train_arms(Results& results, const milestone::Options& options, Loaders& loaders, double lam,
                                  const std::string& folder) {
  const std::string path = folder + "/checkpoint.safetensors";
  const StopOnInterrupt ctrl_c;
  RunState state;
  if (options.resume) {
    state = load_run(path);
    emit_resumed(state, options.epochs, loaders.train->batches());
  }
  const std::vector<ArmReport> before = std::move(state.done);
  state.done.clear();
  milestone::Predictions answers;
  for (const Arm& arm : arms(lam)) {
    const std::size_t index = state.done.size();
    Watch watching = watch(arm, static_cast<std::int64_t>(index), options.epochs, loaders.train->batches());
    watching.on_state = [&](ArmState current) { save_run(path, {state.done, std::move(current)}); };
    const std::string file = checkpoint_in(folder, arm.name);
    const Trained trained = index < before.size() ? done_before(before[index], arm, file, loaders)
                                                  : run_and_prove(arm, results.settings, loaders, file, watching,
                                                                  index == before.size() ? state.current : ArmState{});
    answers.emplace_back("accuracy " + arm.name, trained.answers);
    state.done.push_back(trained.report);
    if (index >= before.size()) save_run(path, {state.done, {}});
  }
  results.arms = std::move(state.done);
  return answers;
}

bool conclude(const Results& results, const std::string& report_path) {
  const std::string text = report_json(results).dump(2) + "\n";
  write_file(report_path, {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
  emit_pictures(results);
  const auto checks = orderings(results.vanilla(), results.penalised());
  const bool accepted = std::all_of(checks.begin(), checks.end(), [](const Ordering& each) { return each.holds(); });
  emit("result", {{"metrics", metrics_json(results)},
                  {"accepted", accepted},
                  {"bar", "every claim above holds; see acceptance.hpp"}});
  return accepted;
}

bool experiment(milestone::Options options, const Wishes& wishes) {
  Images images = chosen_images(options.data, wishes);
  if (wishes.quick && !wishes.epochs_given) {
    options.epochs = std::max<std::int64_t>(1, quick_examples / images.train.size());
  }
  const Augment augment = wishes.quick ? Augment::no : Augment::crop_and_flip;
  Results results{
      .settings = {.model = {},
                   .training = {.lr = wishes.lr, .weight_decay = wishes.weight_decay, .epochs = options.epochs},
                   .seed = options.seed},
      .data = images.name,
      .augmented = augment == Augment::crop_and_flip,
      .train_images = images.train.size(),
      .test_images = images.test.size(),
      .arms = {}};
  const std::string about_data = fmt::format("Data: {}; {} images to train on", images.describe, images.train.size());
  Loaders loaders = make_loaders(std::move(images), augment, options.seed);
  const std::int64_t batches = loaders.train->batches();
  const milestone::Folder folder(options.out);

  milestone::emit_start(about, options, 4 * options.epochs * batches, about_data);
  const auto answers = train_arms(results, options, loaders, options.control ? 0 : wishes.lam, folder.path());
  milestone::write_predictions(options.out, answers);
  return conclude(results, folder.path() + "/report.json");
}

}  // namespace

int main(int argc, char** argv) {
  Wishes wishes;
  return milestone::run(
      argc, argv, about, [&](const milestone::Options& options) { return experiment(options, wishes); },
      [&](CLI::App& app, milestone::Options& options) { add_options(app, options, wishes); });
}
