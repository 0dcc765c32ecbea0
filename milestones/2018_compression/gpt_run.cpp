#include "2018_compression/gpt_run.hpp"

#include "07_training/run_state.hpp"
#include "2018_compression/kept.hpp"
#include "2018_compression/spoil.hpp"

namespace rushlight::compression {

using milestone::Writer;

std::int64_t GptTask::steps(const Plan& plan) const {
  return Writer::round *
         ((given.empty() ? plan.gpt_rounds() : 0) + 2 * (plan.pruned_rounds() + plan.distilled_rounds()));
}

GptRun::GptRun(const Session& session, const GptTask& task)
    : session_(session),
      task_(task),
      whole_(task.corpus, session.options.seed, whole_options),
      states_(whole_.validation_ids(), session.folder, session.journal, Session::reported("GPT", "nats")) {}

void GptRun::measure(Results& results) {
  if (task_.given.empty()) {
    train(whole_, session_.plan.gpt_rounds(), "GPT", milestone::next_character_loss);
  } else {
    load();
  }
  whole_.model().eval();
  whole_states(results);
  small_states();
  compare(results);
  results.gpt = states_.part;
}

void GptRun::whole_states(Results& results) {
  states_.add_float("float", whole_.model(), "gpt.safetensors");
  results.gpt_noise = noise_of(whole_.model());
  for (const WeightFormat format : formats) add_small("float, ", whole_.model(), "gpt", format);

  // What the steps alone are worth that the small ones get on top.
  Writer longer(task_.corpus, session_.options.seed, longer_options);
  longer.model().load_state_dict(whole_.model().state_dict());
  train(longer, session_.plan.pruned_rounds() + session_.plan.distilled_rounds(), "the GPT, trained on",
        milestone::next_character_loss);
  states_.add_float("float, trained on", longer.model(), "gpt-longer.safetensors");
}

void GptRun::small_states() {
  Writer pruned(task_.corpus, session_.options.seed, pruned_options);
  pruned.model().load_state_dict(with_fewer_neurons(whole_.model(), pruned_options.hidden));
  train(pruned, session_.plan.pruned_rounds(), "fine-tuning the GPT", distillation(whole_.model()));
  states_.add_float("half of its neurons", pruned.model(), "gpt-pruned.safetensors");

  Writer distilled(task_.corpus, session_.options.seed, distilled_options);
  distilled.model().load_state_dict(with_every_second_block(pruned.model()));
  train(distilled, session_.plan.distilled_rounds(), "distilling the GPT", distillation(whole_.model()));
  states_.add_float("half of its blocks, too", distilled.model(), "gpt-distilled.safetensors");
  add_small("both, ", distilled.model(), "gpt-distilled", WeightFormat::q8_0);
  states_.part.small = states_.part.states.size() - 1;
  add_small("both, ", distilled.model(), "gpt-distilled", WeightFormat::q4_0);
}

void GptRun::train(Writer& writer, std::int64_t rounds, const std::string& phase, const milestone::WindowLoss& loss) {
  const SafeTensors learnt =
      session_.journal.part(phase, rounds * Writer::round, [&] { return learn(writer, rounds, phase, loss); });
  writer.model().load_state_dict(arrays_at(learnt, ""));
}

SafeTensors GptRun::learn(Writer& writer, std::int64_t rounds, const std::string& phase,
                          const milestone::WindowLoss& loss) {
  milestone::Journal& journal = session_.journal;
  const OnStep shown = session_.shown(phase);
  const auto on_step = [&](std::int64_t step, double now) {
    shown(step, now);
    if (stop_requested()) throw milestone::Stopped();
  };
  const auto on_round = [&](std::int64_t round, double train_loss, double validation_loss) {
    milestone::emit(
        "epoch",
        {{"epoch", round}, {"training", phase}, {"train_loss", train_loss}, {"validation_loss", validation_loss}});
  };
  const auto on_state = [&](const SafeTensors& state) { journal.keep(state, count_at(state.metadata, "steps")); };
  writer.train(rounds, {.on_step = on_step, .on_round = on_round, .on_state = on_state}, loss, journal.begun());
  SafeTensors learnt;
  put_arrays(learnt, "", writer.model().state_dict());
  return learnt;
}

void GptRun::load() {
  GPT model = load_gpt(task_.given);
  try {
    whole_.model().load_state_dict(model.state_dict());
  } catch (const Error& error) {
    throw FileError("{}: not the GPT that this milestone trains on these lessons: {}", {task_.given, error.what()});
  }
}

void GptRun::add_small(const std::string& name, GPT& model, const std::string& file, WeightFormat format) {
  const bool spoilt = session_.options.control && format != WeightFormat::int8;
  states_.add_small(name + name_of(format), model, format, fmt::format("{}-{}.safetensors", file, name_of(format)),
                    spoilt ? with_scales_of_another_layer : std::function<SafeTensors(SafeTensors)>());
}

void GptRun::compare(Results& results) {
  milestone::Journal& journal = session_.journal;
  const std::string turns = "GPT, in turns";
  const auto take_turns = [&]() -> SafeTensors {
    return {.tensors = {}, .metadata = kept(states_.compare_with(states_.part.small, 40))};
  };
  results.speed = comparison_at(journal.part(turns, 0, take_turns).metadata);
  results.speed_from_before = journal.is_from_before(turns);
  for (const std::int64_t width : {128, 256, 512}) {
    const std::string name = fmt::format("GPT, width {}", width);
    const auto work = [&]() -> SafeTensors {
      return {.tensors = {}, .metadata = kept(compare_at(width, 2, 16, session_.options.seed))};
    };
    WidthRow row = width_at(journal.part(name, 0, work).metadata);
    row.from_before = journal.is_from_before(name);
    results.widths.push_back(row);
  }
}

}  // namespace rushlight::compression
