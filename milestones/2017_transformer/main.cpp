// 2017: the transformer, on a task that only attention solves and on a text.
#include <fstream>

#include "04_losses/losses.hpp"
#include "05_autograd/autograd.hpp"
#include "06_optimizers/adam.hpp"
#include "2017_transformer/journal.hpp"
#include "2017_transformer/reversal.hpp"
#include "2017_transformer/writer.hpp"
#include "common/learner_state.hpp"
#include "common/milestone.hpp"
#include "common/training.hpp"

using namespace rushlight;
using namespace rushlight::milestone;

namespace {

constexpr double margin = 0.15;  // nats a character by which the GPT must beat the trigrams
constexpr std::int64_t reversal_steps = 1000;
constexpr std::int64_t reversal_batch = 64;

const About about{
    .title = "2017: the transformer",
    .story =
        "In 2017 Ashish Vaswani and seven colleagues published \"Attention is all you need\": a network without\n"
        "recurrence, in which every token looks at those before it and decides which of them matter. Here one learns\n"
        "to write sixteen digits backwards, and a larger one, a GPT, reads the lessons of this course character by\n"
        "character until it writes lessons of its own; its loss must stay clearly below that of counted trigrams.\n"
        "The control (--control) lets every token look at all others alike. Nothing else changes, and the digits\n"
        "come out at chance.",
    .epochs = 20,
    .resumes = true};

void train_reversal(GPT& model, const Options& options, std::int64_t all_steps, Journal& journal) {
  Generator random(options.seed + 1);
  Adam optimizer(model.parameters(), {.lr = 2e-3});
  const SafeTensors& begun = journal.begun();
  const std::int64_t done = is_empty(begun) ? 0 : restore_learner(begun, model, optimizer, random);
  for (std::int64_t step = done + 1; step <= reversal_steps; ++step) {
    const ReversalBatch batch = Reversal::batch(reversal_batch, random);
    optimizer.zero_grad();
    const Tensor loss = cross_entropy(model(batch.inputs), batch.targets);
    loss.backward();
    optimizer.step();
    if (step % 10 == 0) {
      emit("progress", {{"step", step}, {"steps", all_steps}, {"phase", "reversal"}, {"loss", loss.item()}});
    }
    if (step % Writer::round == 0) journal.keep(learner_state(model, optimizer, random, step), step);
    if (stop_requested()) throw Stopped();
  }
}

SafeTensors learn_reversal(const Options& options, std::int64_t all_steps, Journal& journal) {
  Generator random(options.seed);
  GPT model({.vocabulary = Reversal::vocabulary, .context = Reversal::context, .width = 32, .layers = 2, .heads = 2},
            random);
  std::vector<HookPointHandle> blindfold;
  if (options.control) blindfold = make_attention_uniform(model);
  train_reversal(model, options, all_steps, journal);
  Generator unseen(options.seed + 1'000'003);
  const Reversal::Score score = Reversal::score(model, 500, unseen);
  emit("epoch", {{"epoch", 0}, {"exact_match", score.exact}, {"digits_right", score.digits}});
  return {.tensors = {}, .metadata = {{"exact", text_of(score.exact)}, {"digits", text_of(score.digits)}}};
}

Reversal::Score reversal(const Options& options, std::int64_t all_steps, Journal& journal) {
  const Metadata score =
      journal.part("reversal", reversal_steps, [&] { return learn_reversal(options, all_steps, journal); }).metadata;
  return {.exact = number_at(score, "exact"), .digits = number_at(score, "digits")};
}

void emit_attention(Writer& writer) {
  const std::string text = "The gradient of the loss flows back through every layer";
  for (const std::int64_t layer : {0, 3}) {
    const Array pattern = writer.attention(text, layer, 0);
    Json rows = Json::array();
    for (std::int64_t t = 0; t < pattern.dim(0); ++t) {
      const auto row = pattern.data().subspan(static_cast<std::size_t>(t * pattern.dim(1)),
                                              static_cast<std::size_t>(pattern.dim(1)));
      rows.push_back(std::vector<double>(row.begin(), row.end()));
    }
    emit("picture", {{"kind", "attention"},
                     {"name", fmt::format("attention-layer{}", layer)},
                     {"title", fmt::format("layer {}, head 0: the row looks at the column", layer)},
                     {"matrix", std::move(rows)},
                     {"labels", writer.labels(text)}});
  }
}

void write_samples(Writer& writer, const Options& options) {
  std::string all;
  for (const double temperature : {0.5, 0.8, 1.0}) {
    const std::string sample = writer.write("The ", 300, temperature);
    emit("sample", {{"temperature", temperature}, {"text", sample}});
    all += fmt::format("--- temperature {}\n{}\n\n", temperature, sample);
  }
  if (!options.out.empty()) std::ofstream(options.out + "/samples.txt") << all;
}

struct Losses {
  double gpt = 0, trigram = 0;
};

Losses learn_to_write(Writer& writer, const Options& options, std::int64_t all_steps, Journal& journal) {
  const double trigram = writer.trigram_loss();
  writer.train(options.epochs,
               {.on_step =
                    [&](std::int64_t step, double loss) {
                      emit("progress",
                           {{"step", reversal_steps + step}, {"steps", all_steps}, {"phase", "GPT"}, {"loss", loss}});
                      if (stop_requested()) throw Stopped();
                    },
                .on_round =
                    [&](std::int64_t round, double train_loss, double validation_loss) {
                      emit("epoch", {{"epoch", round},
                                     {"train_loss", train_loss},
                                     {"validation_loss", validation_loss},
                                     {"trigram_loss", trigram}});
                    },
                .on_state = [&](const SafeTensors& state) { journal.keep(state, count_at(state.metadata, "steps")); }},
               next_character_loss, journal.begun());
  write_samples(writer, options);
  emit_attention(writer);
  return {writer.validation_loss(), trigram};
}

bool train(const Options& options) {
  const Corpus corpus = read_lessons(options.data.empty() ? RUSHLIGHT_SOURCE_DIR : options.data);
  const std::int64_t all_steps = reversal_steps + (options.control ? 0 : options.epochs * Writer::round);
  emit_start(
      about, options, all_steps,
      fmt::format("Data: {} lessons of this course, {} characters of prose to learn from and {} to be tested on.",
                  corpus.lessons, corpus.train.size(), corpus.validation.size()));
  const StopOnInterrupt ctrl_c;
  Journal journal(options, {{"milestone", "transformer"}, {"text", digest_of(corpus.train + corpus.validation)}});
  emit_resumed(journal, options);
  const Reversal::Score score = reversal(options, all_steps, journal);
  if (options.control) {
    return emit_result({{"reversal_exact_match", score.exact}, {"reversal_digits", score.digits}},
                       "reversal_exact_match", 1.0);
  }
  Writer writer(corpus, options.seed);
  const Losses losses = learn_to_write(writer, options, all_steps, journal);
  const bool accepted = score.exact >= 1.0 && losses.gpt <= losses.trigram - margin;
  emit("result",
       {{"metrics",
         {{"reversal_exact_match", score.exact},
          {"reversal_digits", score.digits},
          {"gpt_validation_loss", losses.gpt},
          {"trigram_validation_loss", losses.trigram},
          {"gpt_parameters", writer.model().parameter_count()}}},
        {"accepted", accepted},
        {"bar",
         fmt::format("reversal_exact_match >= 1 and gpt_validation_loss <= trigram_validation_loss - {}", margin)}});
  return accepted;
}

}  // namespace

int main(int argc, char** argv) { return run(argc, argv, about, train); }
