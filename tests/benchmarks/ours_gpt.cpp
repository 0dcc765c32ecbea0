// ours_gpt.cpp: GPT.
#include "06_optimizers/adam.hpp"
#include "07_training/clip.hpp"
#include "13_transformers/transformer.hpp"
#include "ours.hpp"

namespace benchmarks {
namespace {

using namespace rushlight;

class OurGpt : public Ours {
 public:
  explicit OurGpt(const GptSizes& net)
      : ids_(indices("ids", {net.batch, net.tokens}, net.vocabulary)),
        labels_(indices("labels", {net.batch * net.tokens}, net.vocabulary)),
        random_(0),
        gpt_({.vocabulary = net.vocabulary,
              .context = net.tokens,
              .width = net.width,
              .layers = net.layers,
              .heads = net.heads,
              .tied = false},
             random_),
        flat_{net.batch * net.tokens, net.vocabulary} {
    set_initial(gpt_);
    optimizer_ = std::make_unique<AdamW>(gpt_.parameters(), AdamWOptions{.lr = adamw_lr, .weight_decay = adamw_decay});
  }

  double step() override {
    optimizer_->zero_grad();
    const Tensor loss = cross_entropy(reshape(gpt_(ids_), flat_), labels_);
    loss.backward();
    clip_grad_norm(optimizer_->parameters(), clip_norm);
    optimizer_->step();
    return loss.item();
  }

 private:
  Module& module() override { return gpt_; }

  Indices ids_, labels_;
  Generator random_;
  GPT gpt_;
  Shape flat_;
  std::unique_ptr<Optimizer> optimizer_;
};

}  // namespace

std::unique_ptr<Network> make_gpt(const GptSizes& net) { return std::make_unique<OurGpt>(net); }

}  // namespace benchmarks
