// transformer.hpp: blocks.hpp and gpt.hpp.
#pragma once

#include "13_transformers/blocks.hpp"
#include "13_transformers/gpt.hpp"
