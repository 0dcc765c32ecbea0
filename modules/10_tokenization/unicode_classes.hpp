// unicode_classes.hpp: given. What a splitting rule asks of a character: Unicode's general categories L and N, and White_Space.
#pragma once

#include <cstdint>

namespace rushlight {

bool is_letter(std::uint32_t code_point);
bool is_number(std::uint32_t code_point);
bool is_white_space(std::uint32_t code_point);

}  // namespace rushlight
