// alignment.hpp: all of module 20.
#pragma once

#include "20_alignment/compose.hpp"
#include "20_alignment/distillation.hpp"
#include "20_alignment/grpo.hpp"
#include "20_alignment/language_model.hpp"
#include "20_alignment/preference.hpp"
#include "20_alignment/sequences.hpp"
