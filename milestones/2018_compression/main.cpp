// 2018: a network that has learnt is made small, and fast where small is fast.
#include <optional>

#include "2017_transformer/corpus.hpp"
#include "2018_compression/cnn_run.hpp"
#include "2018_compression/gpt_run.hpp"
#include "2018_compression/report.hpp"
#include "common/folder.hpp"
#include "common/milestone.hpp"

using namespace rushlight;
using namespace rushlight::compression;

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
    .epochs = 8,
    .resumes = true};

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

bool conclude(const Results& results, const std::string& folder) {
  milestone::show_report(table_of(results), svg_of(results), folder);
  emit_pictures(results);
  return milestone::emit_claims(metrics_json(results), claims(results));
}

std::string digest_of_file(const std::string& path) {
  return path.empty() ? "not given" : milestone::digest_of(read_file(path));
}

// What decides what the run computes, beside the common options.
Metadata decisive(const Wishes& wishes, const std::optional<CnnTask>& cnn, const std::optional<GptTask>& gpt) {
  Metadata all{{"milestone", "compression"}, {"--only", wishes.only.empty() ? "not given" : wishes.only}};
  if (cnn) all.insert({{"images", cnn->data.digest()}, {"--cnn", digest_of_file(wishes.cnn)}});
  if (gpt) {
    all.insert({{"text", milestone::digest_of(gpt->corpus.train + gpt->corpus.validation)},
                {"--gpt", digest_of_file(wishes.gpt)}});
  }
  return all;
}

bool compress(const milestone::Options& options, const Wishes& wishes) {
  const milestone::Folder folder(options.out);
  const Plan plan{options.epochs};
  std::int64_t steps = 0;
  std::optional<CnnTask> cnn;
  std::optional<GptTask> gpt;
  std::string data = "Data:";
  if (wishes.wants("cnn")) {
    cnn.emplace(options, wishes.cnn);
    steps += cnn->steps(plan);
    data += " " + cnn->source.describe() + ".";
  }
  if (wishes.wants("gpt")) {
    gpt.emplace(GptTask{.given = wishes.gpt, .corpus = milestone::read_lessons(RUSHLIGHT_SOURCE_DIR)});
    steps += gpt->steps(plan);
    const milestone::Corpus& corpus = gpt->corpus;
    data += fmt::format(" {} lessons of this course, {} characters to learn from and {} to be tested on.",
                        corpus.lessons, corpus.train.size(), corpus.validation.size());
  }
  milestone::emit_start(about, options, steps, data);
  const StopOnInterrupt ctrl_c;
  milestone::Journal journal(options, decisive(wishes, cnn, gpt));
  milestone::emit_resumed(journal, options);
  const Session session{.options = options, .plan = plan, .steps = steps, .folder = folder.path(), .journal = journal};
  Results results;
  if (cnn) CnnRun(session, *cnn).measure(results);
  if (gpt) GptRun(session, *gpt).measure(results);
  return conclude(results, options.out);
}

}  // namespace

int main(int argc, char** argv) {
  Wishes wishes;
  return milestone::run(
      argc, argv, about, [&](const milestone::Options& options) { return compress(options, wishes); },
      [&](CLI::App& app, milestone::Options&) { add_options(app, wishes); });
}
