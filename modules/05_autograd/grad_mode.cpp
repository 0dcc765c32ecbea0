// grad_mode.cpp: given. Recording off and on: what was before comes back at the end of the scope, also when an exception
// ends it. Destructors must not throw, so none of them can hold a blank.
#include "05_autograd/autograd.hpp"

namespace rushlight {

NoGrad::NoGrad() : before_(grad_enabled()) { set_grad_enabled(false); }

NoGrad::~NoGrad() { set_grad_enabled(before_); }

EnableGrad::EnableGrad() : before_(grad_enabled()) { set_grad_enabled(true); }

EnableGrad::~EnableGrad() { set_grad_enabled(before_); }

}  // namespace rushlight
