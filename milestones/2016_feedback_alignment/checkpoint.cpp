#include "2016_feedback_alignment/checkpoint.hpp"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "07_training/checkpoint.hpp"
#include "07_training/trainer.hpp"

namespace rushlight::dfa {
namespace {

constexpr const char* format_name = "rushlight-feedback-alignment-1";
constexpr std::array<const char*, 3> method_names{"head_only", "backprop", "feedback"};

std::string feedback_name(std::size_t l) { return fmt::format("feedback.{}", l); }

Metadata describe(const Settings& settings, const ArmReport& report) {
  const MlpOptions& m = settings.model;
  const PartOptions& t = settings.training;
  return {{"format", format_name},
          {"model.in", text_of(m.in)},
          {"model.width", text_of(m.width)},
          {"model.hidden", text_of(m.hidden)},
          {"model.classes", text_of(m.classes)},
          {"model.blocks", text_of(m.blocks)},
          {"training.lr", text_of(t.lr)},
          {"training.weight_decay", text_of(t.weight_decay)},
          {"training.epochs", text_of(t.epochs)},
          {"training.clip", text_of(t.clip)},
          {"seed", text_of(static_cast<std::int64_t>(settings.seed))},
          {"arm.name", report.arm.name},
          {"arm.method", method_names.at(static_cast<std::size_t>(report.arm.method))},
          {"arm.lam", text_of(report.arm.lam)},
          {"test_accuracy", text_of(report.test_accuracy)}};
}

MlpOptions read_model(const Metadata& m) {
  return {.in = integer_at(m, "model.in"),
          .width = integer_at(m, "model.width"),
          .hidden = integer_at(m, "model.hidden"),
          .classes = integer_at(m, "model.classes"),
          .blocks = integer_at(m, "model.blocks")};
}

PartOptions read_training(const Metadata& m) {
  return {.lr = number_at(m, "training.lr"),
          .weight_decay = number_at(m, "training.weight_decay"),
          .epochs = integer_at(m, "training.epochs"),
          .clip = number_at(m, "training.clip")};
}

Arm read_arm(const Metadata& m) {
  const std::string method = text_at(m, "arm.method");
  for (std::size_t i = 0; i < method_names.size(); ++i) {
    if (method == method_names[i]) {
      return {.name = text_at(m, "arm.name"), .method = static_cast<Method>(i), .lam = number_at(m, "arm.lam")};
    }
  }
  throw FileError(fmt::format("arm.method is \"{}\".", method));
}

void restore(Learner& learner, const SafeTensors& content) {
  const std::string prefix = "model.";
  StateDict model;
  for (const auto& [name, tensor] : content.tensors) {
    if (name.starts_with(prefix)) model[name.substr(prefix.size())] = load_array(tensor);
  }
  learner.model.load_state_dict(model);
  for (std::size_t l = 0; l < learner.feedback.matrices.size(); ++l) {
    const auto found = content.tensors.find(feedback_name(l));
    const Shape wanted = learner.feedback.matrices[l].shape();
    if (found == content.tensors.end() || found->second.shape != wanted) {
      throw FileError(fmt::format("there is no {} of shape {}.", feedback_name(l), wanted.str()));
    }
    learner.feedback.matrices[l] = load_array(found->second);
  }
}

Checkpoint read(const SafeTensors& content) {
  const Metadata& m = content.metadata;
  if (text_at(m, "format") != format_name) {
    throw FileError(fmt::format("its format is \"{}\", not \"{}\".", text_at(m, "format"), format_name));
  }
  const auto seed = static_cast<std::uint64_t>(integer_at(m, "seed"));
  const Settings settings{.model = read_model(m), .training = read_training(m), .seed = seed};
  Checkpoint checkpoint{Learner(settings.model, seed), read_arm(m), settings, number_at(m, "test_accuracy")};
  restore(checkpoint.learner, content);
  return checkpoint;
}

}  // namespace

void save_checkpoint(const std::string& path, Learner& learner, const Settings& settings, const ArmReport& report) {
  SafeTensors content{.tensors = {}, .metadata = describe(settings, report)};
  for (const auto& [name, array] : learner.model.state_dict()) content.tensors["model." + name] = store(array);
  for (std::size_t l = 0; l < learner.feedback.matrices.size(); ++l) {
    content.tensors[feedback_name(l)] = store(learner.feedback.matrices[l]);
  }
  save_safetensors(path, content);
}

Checkpoint load_checkpoint(const std::string& path) {
  const SafeTensors content = load_safetensors(path);
  try {
    return read(content);
  } catch (const Error& error) {
    throw FileError(fmt::format("{}: {}", path, error.what()));
  }
}

void prove_reproducible(const std::string& path, const ArmReport& report, Loaders& loaders) {
  Checkpoint loaded = load_checkpoint(path);
  const double accuracy = test_accuracy(loaded.learner.model, *loaders.test);
  const auto layers = measure_direction_quality(loaded.learner.model, loaded.learner.feedback, loaders.held_out);
  if (accuracy != report.test_accuracy || layers != report.layers) {
    throw Error(fmt::format("{}: measured again, the arm \"{}\" gives other numbers: accuracy {} instead of {}.", path,
                            report.arm.name, accuracy, report.test_accuracy));
  }
}

}  // namespace rushlight::dfa
