// sha256.hpp: the digest of FIPS 180-4, as hexadecimal digits.
#pragma once

#include <string>
#include <string_view>

namespace launcher {

std::string sha256(std::string_view data);

}  // namespace launcher
