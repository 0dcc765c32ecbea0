// benchmarking.hpp: everything of module 19.
#pragma once

#include "19_benchmarking/bootstrap.hpp"
#include "19_benchmarking/checks.hpp"
#include "19_benchmarking/clock.hpp"
#include "19_benchmarking/comparison.hpp"
#include "19_benchmarking/distributions.hpp"
#include "19_benchmarking/environment.hpp"
#include "19_benchmarking/floor.hpp"
#include "19_benchmarking/latency.hpp"
#include "19_benchmarking/noise.hpp"
#include "19_benchmarking/quantiles.hpp"
#include "19_benchmarking/report.hpp"
#include "19_benchmarking/stopwatch.hpp"
#include "19_benchmarking/warm_up.hpp"
