#include "2018_compression/cnn.hpp"

#include "05_autograd/autograd.hpp"
#include "06_optimizers/adam.hpp"
#include "07_training/run_state.hpp"
#include "2017_transformer/journal.hpp"
#include "common/learner_state.hpp"

namespace rushlight::compression {
namespace {

constexpr std::int64_t batch = 64;

std::string digest_of(const ImageSet& images) {
  return milestone::digest_of(images.pixels) +
         milestone::digest_of({reinterpret_cast<const std::uint8_t*>(images.labels.data()),
                               images.labels.size() * sizeof(images.labels.front())});
}

}  // namespace

Clothes::Clothes(ImageSet train, ImageSet test, std::uint64_t seed)
    : digest_(milestone::digest_of(digest_of(train) + digest_of(test))),
      train_(milestone::clothes(std::move(train)), {.batch_size = batch, .shuffle = true, .workers = 1, .seed = seed}),
      test_(milestone::clothes(std::move(test)), {.batch_size = 500}) {}

void Clothes::train(Module& network, std::int64_t epochs, double lr, const OnStep& on_step, const Keeping& keeping) {
  Adam optimizer(network.parameters(), {.lr = lr});
  Trainer trainer({.model = network, .optimizer = optimizer, .data = train_, .loss = cross_entropy_of},
                  {.epochs = epochs});
  trainer.on_step = [&](const StepInfo& info) { on_step(info.step, info.loss); };
  const auto keep = [&] {
    if (keeping.on_state) keeping.on_state(trainer.state_dict(), trainer.progress().step);
  };
  trainer.on_epoch = [&](const EpochInfo&) { keep(); };
  if (!milestone::is_empty(keeping.begun)) trainer.load_state_dict(keeping.begun);
  if (trainer.fit() == Outcome::finished) return;
  keep();
  throw milestone::Stopped();
}

double Clothes::accuracy(Module& network) { return evaluate(network, cross_entropy_of, test_).accuracy; }

Array Clothes::images(std::int64_t count) const { return slice(test_.make_batch(0).inputs, 0, {0, count}); }

void prune_in_training(Pruned<Cnn>& network, Clothes& data, const CnnPlan& plan, const OnStep& on_step,
                       const Keeping& keeping) {
  const std::int64_t steps = data.steps(plan.prune_epochs);
  const SparsitySchedule schedule{.first = 0, .last = plan.sparsity, .begin = 0, .end = steps, .every = 20};
  const auto prune = [&](std::int64_t step, double loss) {
    if (schedule.prunes_at(step)) prune_by_magnitude(network, schedule.at(step), PruneScope::all);
    on_step(step, loss);
  };
  data.train(network, plan.prune_epochs, plan.lr, prune, keeping);
}

void save_pruned(const std::string& path, Pruned<Cnn>& network) {
  SafeTensors file;
  put_arrays(file, "", network.state_dict());
  save_safetensors(path, file);
}

void load_pruned(const std::string& path, Pruned<Cnn>& network, bool forget_masks) {
  StateDict state = arrays_at(load_safetensors(path), "");
  for (auto& [name, array] : state) {
    if (forget_masks && name.starts_with("masks.")) array = ones(array.shape());
  }
  network.load_state_dict(state);
}

CompressedState shared_state(Pruned<Cnn>& network, std::int64_t clusters) {
  network.masks.apply(network.model);
  return share_state(network.model.state_dict(), network.masks.paths(), {.clusters = clusters});
}

}  // namespace rushlight::compression
