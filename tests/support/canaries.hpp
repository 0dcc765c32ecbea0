// canaries.hpp: cases whose outcome is known. A program in which they come out otherwise cannot be believed: somebody has
// changed what a failed check, an exception or a blank does.
#pragma once

namespace rushlight::reporting {

// Canary.Fails, .Throws, .Blank and .Passes, after all others. The launcher knows what each must report (states.cpp).
void register_canaries();

}  // namespace rushlight::reporting
