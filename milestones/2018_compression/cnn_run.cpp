#include "2018_compression/cnn_run.hpp"

#include "07_training/run_state.hpp"

namespace rushlight::compression {

CnnTask::CnnTask(const milestone::Options& options, std::string given)
    : given(std::move(given)),
      source(find_fashion_mnist(options.data)),
      data(fashion_mnist(source, Split::train), fashion_mnist(source, Split::test), options.seed) {}

std::int64_t CnnTask::steps(const Plan& plan) const {
  const CnnPlan small = plan.cnn(source.full);
  return data.steps((given.empty() ? plan.cnn_epochs(source.full) : 0) + small.prune_epochs + small.tune_epochs);
}

void CnnRun::measure(Results& results) {
  Generator random(session_.options.seed);
  Cnn whole = milestone::lenet(random);
  if (task_.given.empty()) {
    const std::int64_t epochs = session_.plan.cnn_epochs(task_.source.full);
    train(whole, "CNN", epochs, [&](const OnStep& on_step, const Keeping& keeping) {
      task_.data.train(whole, epochs, 1e-3, on_step, keeping);
    });
  } else {
    load(whole);
  }
  states_.add_float("float", whole, "cnn.safetensors");
  states_.add_int8("float, int8", whole, "cnn-float-int8.safetensors");
  results.cnn_noise = noise_of(whole);
  squeeze(whole);
  results.cnn = states_.part;
}

void CnnRun::train(Module& network, const std::string& phase, std::int64_t epochs,
                   const std::function<void(const OnStep&, const Keeping&)>& learn) {
  milestone::Journal& journal = session_.journal;
  const auto work = [&] {
    learn(session_.shown(phase),
          {.on_state = [&](const SafeTensors& state, std::int64_t step) { journal.keep(state, step); },
           .begun = journal.begun()});
    SafeTensors learnt;
    put_arrays(learnt, "", network.state_dict());
    return learnt;
  };
  network.load_state_dict(arrays_at(journal.part(phase, task_.data.steps(epochs), work), ""));
}

void CnnRun::load(Cnn& network) const {
  const SafeTensors file = load_safetensors(task_.given);
  const StateDict of_trainer = arrays_at(file, "model.");
  try {
    network.load_state_dict(of_trainer.empty() ? arrays_at(file, "") : of_trainer);
  } catch (const Error& error) {
    throw FileError("{}: not the CNN of the milestone cnn: {}", {task_.given, error.what()});
  }
}

void CnnRun::squeeze(Cnn& whole) {
  const CnnPlan plan = session_.plan.cnn(task_.source.full);
  const bool control = session_.options.control;
  Generator unused(0);
  const std::vector<std::string> paths = weight_paths(whole);
  Pruned<Cnn> pruned(milestone::lenet(unused), paths);
  pruned.model.load_state_dict(whole.state_dict());
  train(pruned, "pruning the CNN", plan.prune_epochs, [&](const OnStep& on_step, const Keeping& keeping) {
    prune_in_training(pruned, task_.data, plan, on_step, keeping);
  });
  const std::string file = session_.folder + "/cnn-pruned.safetensors";
  save_pruned(file, pruned);
  Pruned<Cnn> tuned(milestone::lenet(unused), paths);
  load_pruned(file, tuned, control);
  train(tuned, "fine-tuning the CNN", plan.tune_epochs, [&](const OnStep& on_step, const Keeping& keeping) {
    task_.data.train(tuned, plan.tune_epochs, plan.lr, on_step, keeping);
  });
  tuned.masks.apply(tuned.model);
  const std::string name = control ? "masks forgotten" : fmt::format("{:g} % pruned", 100 * tuned.masks.sparsity());
  states_.add_float(name, tuned.model, "cnn-tuned.safetensors");
  states_.add_int8(name + ", int8", tuned.model, "cnn-int8.safetensors");
  states_.add_shared(fmt::format("{}, {} values", name, plan.clusters), shared_state(tuned, plan.clusters), "cnn.rlhc");
  states_.part.small = states_.part.states.size() - 1;
  states_.add_shared_int8(fmt::format("{}, {} values, int8 in memory", name, plan.clusters), "cnn.rlhc");
}

}  // namespace rushlight::compression
