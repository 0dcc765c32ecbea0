// 2018: a network that has learnt is made small, and fast where small is fast.
#include <algorithm>
#include <optional>

#include "07_training/run_state.hpp"
#include "2017_transformer/corpus.hpp"
#include "2018_compression/report.hpp"
#include "2018_compression/spoil.hpp"
#include "2018_compression/states.hpp"
#include "common/folder.hpp"
#include "common/milestone.hpp"

using namespace rushlight;
using namespace rushlight::compression;
using milestone::emit;
using milestone::Writer;

namespace {

const milestone::About about{
    .title = "2018: compression",
    .story =
        "By 2018 networks had to fit into telephones. In 2016 Song Han, Huizi Mao and William Dally had shown that\n"
        "most weights of a trained network can go and the rest can share a few values, with hardly a right answer\n"
        "less; in 2018 Benoit Jacob and colleagues made inference in whole numbers the usual thing. Here the network\n"
        "of 1998 is pruned, trained on, and squeezed into a Huffman-coded file; the GPT of 2017 loses neurons and\n"
        "blocks, learns from what it was, and is quantised. Everything is measured as it comes out of its file. The\n"
        "control (--control) forgets the masks of the pruned CNN when it is loaded, and gives the GPT's small numbers\n"
        "the scales of another layer.",
    .epochs = 8};

struct Wishes {
  std::string only;      // one part; empty: both
  std::string cnn, gpt;  // files of trained networks; empty: they are trained here
  bool wants(const std::string& part) const { return only.empty() || only == part; }
};

void add_options(CLI::App& app, Wishes& wishes) {
  app.add_option("--only", wishes.only, "one part: cnn or gpt")->check(CLI::IsMember({"cnn", "gpt"}));
  app.add_option("--cnn", wishes.cnn, "a trained CNN: the checkpoint of the milestone cnn, or cnn.safetensors of this");
  app.add_option("--gpt", wishes.gpt, "a trained GPT: gpt.safetensors of a run of this milestone");
}

// How long each training is, from --epochs, the rounds of a hundred steps that the GPT learns; and how far all have come.
class Plan {
 public:
  explicit Plan(std::int64_t epochs) : epochs_(epochs) {}
  // Of all 60,000 images one pass is worth six over the subset.
  std::int64_t cnn_epochs(bool full) const { return std::max<std::int64_t>(1, full ? epochs_ / 4 : epochs_ * 3 / 2); }
  CnnPlan cnn(bool full) const {
    const std::int64_t each = full ? 1 : std::max<std::int64_t>(1, epochs_ / 2);
    return {.prune_epochs = each, .tune_epochs = each};
  }
  std::int64_t gpt_rounds() const { return epochs_; }
  std::int64_t pruned_rounds() const { return std::max<std::int64_t>(1, epochs_ / 4); }
  std::int64_t distilled_rounds() const { return std::max<std::int64_t>(1, epochs_ / 2); }

  void expect(std::int64_t steps) { steps_ += steps; }
  std::int64_t steps() const { return steps_; }
  OnStep shown(const std::string& phase) const {
    return [this, phase](std::int64_t step, double loss) {
      if (step % 10 == 0)
        emit("progress", {{"step", done_ + step}, {"steps", steps_}, {"phase", phase}, {"loss", loss}});
    };
  }
  void end_training(std::int64_t steps) { done_ += steps; }

 private:
  std::int64_t epochs_, steps_ = 0, done_ = 0;
};

void emit_state(const char* network, const char* quality, const Part& part) {
  const Measured& state = part.states.back();
  emit("epoch", {{"epoch", part.states.size()},
                 {"network", network},
                 {"state", state.name},
                 {quality, state.quality},
                 {"file_bytes", state.file_bytes},
                 {"milliseconds", 1e3 * state.speed.median}});
}

class CnnRun {
 public:
  CnnRun(const milestone::Options& options, const Wishes& wishes, Plan& plan, const std::string& folder)
      : control_(options.control),
        seed_(options.seed),
        given_(wishes.cnn),
        source_(find_fashion_mnist(options.data)),
        data_(fashion_mnist(source_, Split::train), fashion_mnist(source_, Split::test), options.seed),
        plan_(plan),
        folder_(folder),
        states_(data_, folder) {
    const CnnPlan small = plan.cnn(source_.full);
    plan.expect(
        data_.steps((given_.empty() ? plan.cnn_epochs(source_.full) : 0) + small.prune_epochs + small.tune_epochs));
  }
  std::string describe() const { return source_.describe(); }

  void measure(Results& results) {
    Generator random(seed_);
    Cnn whole = milestone::lenet(random);
    given_.empty() ? train(whole) : load(whole);
    states_.add_float("float", whole, "cnn.safetensors");
    show();
    states_.add_int8("float, int8", whole, "cnn-float-int8.safetensors");
    show();
    results.cnn_noise = noise_of(whole);
    squeeze(whole);
    results.cnn = states_.part;
  }

 private:
  void show() const { emit_state("CNN", "accuracy", states_.part); }

  void train(Cnn& network) {
    const std::int64_t epochs = plan_.cnn_epochs(source_.full);
    data_.train(network, epochs, 1e-3, plan_.shown("CNN"));
    plan_.end_training(data_.steps(epochs));
  }

  void load(Cnn& network) const {
    const SafeTensors file = load_safetensors(given_);
    const StateDict of_trainer = arrays_at(file, "model.");
    try {
      network.load_state_dict(of_trainer.empty() ? arrays_at(file, "") : of_trainer);
    } catch (const Error& error) {
      throw FileError("{}: not the CNN of the milestone cnn: {}", {given_, error.what()});
    }
  }

  void squeeze(Cnn& whole) {
    const CnnPlan plan = plan_.cnn(source_.full);
    Generator unused(0);
    const std::vector<std::string> paths = weight_paths(whole);
    Pruned<Cnn> pruned(milestone::lenet(unused), paths);
    pruned.model.load_state_dict(whole.state_dict());
    prune_in_training(pruned, data_, plan, plan_.shown("pruning the CNN"));
    plan_.end_training(data_.steps(plan.prune_epochs));
    const std::string file = folder_ + "/cnn-pruned.safetensors";
    save_pruned(file, pruned);
    Pruned<Cnn> tuned(milestone::lenet(unused), paths);
    load_pruned(file, tuned, control_);
    data_.train(tuned, plan.tune_epochs, plan.lr, plan_.shown("fine-tuning the CNN"));
    plan_.end_training(data_.steps(plan.tune_epochs));
    tuned.masks.apply(tuned.model);
    const std::string name = control_ ? "masks forgotten" : fmt::format("{:g} % pruned", 100 * tuned.masks.sparsity());
    states_.add_float(name, tuned.model, "cnn-tuned.safetensors");
    show();
    states_.add_int8(name + ", int8", tuned.model, "cnn-int8.safetensors");
    show();
    states_.add_shared(fmt::format("{}, {} values", name, plan.clusters), shared_state(tuned, plan.clusters),
                       "cnn.rlhc");
    show();
    states_.part.small = states_.part.states.size() - 1;
    states_.add_shared_int8(fmt::format("{}, {} values, int8 in memory", name, plan.clusters), "cnn.rlhc");
    show();
  }

  bool control_;
  std::uint64_t seed_;
  std::string given_;
  DataSource source_;
  Clothes data_;
  Plan& plan_;
  std::string folder_;
  CnnStates states_;
};

class GptRun {
 public:
  GptRun(const milestone::Options& options, const Wishes& wishes, Plan& plan, const std::string& folder,
         milestone::Corpus corpus)
      : control_(options.control),
        seed_(options.seed),
        given_(wishes.gpt),
        corpus_(std::move(corpus)),
        plan_(plan),
        whole_(corpus_, seed_, whole_options),
        states_(whole_.validation_ids(), folder) {
    plan.expect(Writer::round *
                ((given_.empty() ? plan.gpt_rounds() : 0) + 2 * (plan.pruned_rounds() + plan.distilled_rounds())));
  }

  void measure(Results& results) {
    if (given_.empty()) {
      train(whole_, plan_.gpt_rounds(), "GPT", milestone::next_character_loss);
    } else {
      load();
    }
    whole_.model().eval();
    states_.add_float("float", whole_.model(), "gpt.safetensors");
    show();
    results.gpt_noise = noise_of(whole_.model());
    for (const WeightFormat format : formats) add_small("float, ", whole_.model(), "gpt", format);

    // What the steps alone are worth that the small ones get on top.
    Writer longer(corpus_, seed_, longer_options);
    longer.model().load_state_dict(whole_.model().state_dict());
    train(longer, plan_.pruned_rounds() + plan_.distilled_rounds(), "the GPT, trained on",
          milestone::next_character_loss);
    states_.add_float("float, trained on", longer.model(), "gpt-longer.safetensors");
    show();

    Writer pruned(corpus_, seed_, pruned_options);
    pruned.model().load_state_dict(with_fewer_neurons(whole_.model(), pruned_options.hidden));
    train(pruned, plan_.pruned_rounds(), "fine-tuning the GPT", distillation(whole_.model()));
    states_.add_float("half of its neurons", pruned.model(), "gpt-pruned.safetensors");
    show();

    Writer distilled(corpus_, seed_, distilled_options);
    distilled.model().load_state_dict(with_every_second_block(pruned.model()));
    train(distilled, plan_.distilled_rounds(), "distilling the GPT", distillation(whole_.model()));
    states_.add_float("half of its blocks, too", distilled.model(), "gpt-distilled.safetensors");
    show();
    add_small("both, ", distilled.model(), "gpt-distilled", WeightFormat::q8_0);
    states_.part.small = states_.part.states.size() - 1;
    add_small("both, ", distilled.model(), "gpt-distilled", WeightFormat::q4_0);

    results.speed = states_.compare_with(states_.part.small, 40);
    results.gpt = states_.part;
  }

 private:
  void show() const { emit_state("GPT", "nats", states_.part); }

  void train(Writer& writer, std::int64_t rounds, const std::string& phase, const milestone::WindowLoss& loss) {
    writer.train(rounds,
                 {.on_step = plan_.shown(phase),
                  .on_round =
                      [&](std::int64_t round, double train_loss, double validation_loss) {
                        emit("epoch", {{"epoch", round},
                                       {"training", phase},
                                       {"train_loss", train_loss},
                                       {"validation_loss", validation_loss}});
                      }},
                 loss);
    plan_.end_training(rounds * Writer::round);
  }

  void load() {
    GPT model = load_gpt(given_);
    try {
      whole_.model().load_state_dict(model.state_dict());
    } catch (const Error& error) {
      throw FileError("{}: not the GPT that this milestone trains on these lessons: {}", {given_, error.what()});
    }
  }

  void add_small(const std::string& name, GPT& model, const std::string& file, WeightFormat format) {
    const bool spoilt = control_ && format != WeightFormat::int8;
    states_.add_small(name + name_of(format), model, format, fmt::format("{}-{}.safetensors", file, name_of(format)),
                      spoilt ? with_scales_of_another_layer : std::function<SafeTensors(SafeTensors)>());
    show();
  }

  bool control_;
  std::uint64_t seed_;
  std::string given_;
  milestone::Corpus corpus_;
  Plan& plan_;
  Writer whole_;
  GptStates states_;
};

bool conclude(const Results& results, const std::string& folder) {
  milestone::show_report(table_of(results), svg_of(results), folder);
  emit_pictures(results);
  return milestone::emit_claims(metrics_json(results), claims(results));
}

bool compress(const milestone::Options& options, const Wishes& wishes) {
  const milestone::Folder folder(options.out);
  Plan plan(options.epochs);
  std::optional<CnnRun> cnn;
  std::optional<GptRun> gpt;
  std::string data = "Data:";
  if (wishes.wants("cnn")) {
    cnn.emplace(options, wishes, plan, folder.path());
    data += " " + cnn->describe() + ".";
  }
  if (wishes.wants("gpt")) {
    milestone::Corpus corpus = milestone::read_lessons(RUSHLIGHT_SOURCE_DIR);
    data += fmt::format(" {} lessons of this course, {} characters to learn from and {} to be tested on.",
                        corpus.lessons, corpus.train.size(), corpus.validation.size());
    gpt.emplace(options, wishes, plan, folder.path(), std::move(corpus));
  }
  milestone::emit_start(about, options, plan.steps(), data);
  Results results;
  if (cnn) cnn->measure(results);
  if (gpt) {
    gpt->measure(results);
    for (const std::int64_t width : {128, 256, 512}) results.widths.push_back(compare_at(width, 2, 16, options.seed));
  }
  return conclude(results, options.out);
}

}  // namespace

int main(int argc, char** argv) {
  Wishes wishes;
  return milestone::run(
      argc, argv, about, [&](const milestone::Options& options) { return compress(options, wishes); },
      [&](CLI::App& app, milestone::Options&) { add_options(app, wishes); });
}
