#include "support/source_dir.hpp"

namespace rushlight::test {

std::string source_dir() { return RUSHLIGHT_SOURCE_DIR; }

}  // namespace rushlight::test
