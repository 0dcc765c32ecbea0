// compressed_file.hpp: a state in a file as small as the methods of this module make it. Weights with a codebook are
// stored as that list, the lengths of their codes and the codes themselves, in Huffman's bits; everything else number
// by number. Reading gives every number back, bit for bit. Given.
//
//   bytes 0..3    "RLHC"
//   byte  4       1, the version
//   byte  5       bytes of a number: 4 or 8, as Real is
//   bytes 6..9    how many entries
//   bytes 10..13  CRC-32 (that of zip and PNG) of everything behind it
//   then, in ascending order of names, without gaps:
//     2 bytes length of the name, the name; 1 byte kind; 1 byte rank, 8 bytes for each size
//     kind 0      the numbers
//     kind 1      4 bytes K, K numbers, K bytes of code lengths, 8 bytes count of bytes, the bits
// Everything is little-endian. Nothing follows the last entry.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "03_layers/module.hpp"
#include "17_compression/huffman.hpp"
#include "17_compression/weight_sharing.hpp"

namespace rushlight {

struct CompressedState {
  StateDict plain;
  std::map<std::string, Codebook> shared;
};

// A state with share_weights for the entries at these paths; the others stay plain. Throws ValueError for a path that
// is no entry, and what share_weights throws.
CompressedState share_state(const StateDict& state, const std::vector<std::string>& paths,
                            const SharingOptions& options = {});

// The state that load_state_dict takes.
StateDict restored(const CompressedState& state);

// Throws ValueError for what the file cannot hold: a name of more than 65535 bytes or one that is there twice, more
// than 65536 numbers in a list, a code outside it.
std::vector<std::uint8_t> encode_compressed(const CompressedState& state);

// The inverse. Throws FileError "FILE: offset N: REASON" for every file that breaks the layout or whose CRC is another.
// Never reads outside `bytes`, and takes no memory for numbers that cannot be there.
CompressedState decode_compressed(std::span<const std::uint8_t> bytes, std::string_view file);

void save_compressed(const std::string& path,
                     const CompressedState& state);  // all or nothing, as write_file of module 07
CompressedState load_compressed(const std::string& path);

}  // namespace rushlight
