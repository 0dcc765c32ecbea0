// memoization.hpp: a GPT that remembers what it has computed. Everything of module 15 in one include.
#pragma once

#include "15_memoization/batch.hpp"
#include "15_memoization/cached_attention.hpp"
#include "15_memoization/cached_gpt.hpp"
#include "15_memoization/kv_cache.hpp"
#include "15_memoization/memoized.hpp"
#include "15_memoization/speculative.hpp"
