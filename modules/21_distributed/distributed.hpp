// distributed.hpp: all of module 21.
#pragma once

#include "21_distributed/collectives.hpp"
#include "21_distributed/data_parallel.hpp"
#include "21_distributed/ledger.hpp"
#include "21_distributed/run_file.hpp"
#include "21_distributed/sharded_optimizer.hpp"
#include "21_distributed/shares.hpp"
#include "21_distributed/tensor_parallel.hpp"
#include "21_distributed/world.hpp"
