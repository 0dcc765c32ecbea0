// profiling.hpp: all of module 14.
#pragma once

#include "14_profiling/boxes.hpp"
#include "14_profiling/cost.hpp"
#include "14_profiling/pictures.hpp"
#include "14_profiling/roofline.hpp"
#include "14_profiling/summary.hpp"
#include "14_profiling/tables.hpp"
#include "14_profiling/trace.hpp"
