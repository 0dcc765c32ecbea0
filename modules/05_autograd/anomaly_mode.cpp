// anomaly_mode.cpp: given. Shows every op's value to check_value (05.6) as long as the scope lasts.
#include <utility>

#include "05_autograd/autograd.hpp"

namespace rushlight {
namespace {

thread_local bool anomaly_mode = false;
thread_local AnomalyOptions anomaly_options;

}  // namespace

AnomalyMode::AnomalyMode(AnomalyOptions options)
    : was_enabled_(std::exchange(anomaly_mode, true)), options_before_(std::exchange(anomaly_options, options)) {
  before_ = set_op_observer({});
  set_op_observer([before = before_](const char* op, const Array& value) {
    if (before) before(op, value);
    check_value(op, value);
  });
}

AnomalyMode::~AnomalyMode() {
  set_op_observer(std::move(before_));
  anomaly_mode = was_enabled_;
  anomaly_options = options_before_;
}

bool AnomalyMode::enabled() { return anomaly_mode; }

AnomalyOptions AnomalyMode::options() { return anomaly_options; }

}  // namespace rushlight
