// source_dir.hpp: where the course lies, for tests that read golden values or sources.
#pragma once

#include <string>

namespace rushlight::test {

std::string source_dir();  // without a slash at its end

}  // namespace rushlight::test
