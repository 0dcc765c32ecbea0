// buckets.cpp: gradients that travel together.
#include <algorithm>

#include "01_tensor/todo.hpp"
#include "21_distributed/data_parallel.hpp"

namespace rushlight {

// 21.5 make_buckets  sizes (P), bytes -> buckets of parameters P-1, P-2, ..., 0, each within `bytes` where that is possible
// Hint: keep an open bucket. Close it before a parameter that would make it too large, unless it is empty.
std::vector<Bucket> make_buckets(const std::vector<std::int64_t>& sizes, std::int64_t bytes) {
  if (bytes < 1) throw ValueError("make_buckets: buckets of {} bytes; needs 1 or more.", {bytes});
  if (std::any_of(sizes.begin(), sizes.end(), [](std::int64_t size) { return size < 0; })) {
    throw ValueError("make_buckets: a parameter has less than no numbers.");
  }
  todo("21.5");
}

// 21.5 BucketBuffer::clear  all numbers 0, no gradient there
// Hint: the ones behind the gradients belong to numbers_, too.
void BucketBuffer::clear() {
  todo("21.5");
}

// 21.5 BucketBuffer::put  place, gradient -> its numbers from offsets[place] on, and a 1 at bucket_.numbers + place
// Hint: gradient.cpu().data() and std::copy.
void BucketBuffer::put(std::size_t place, const Array& gradient) {
  if (anybody(place)) throw ValueError("BucketBuffer::put: the gradient at place {} is there already.", {place});
  todo("21.5");
}

// 21.5 BucketBuffer::full  whether put() was called for every parameter since clear()
// Hint: there_ counts the calls.
bool BucketBuffer::full() const {
  todo("21.5");
}

// 21.5 BucketBuffer::anybody  place -> whether its number behind the gradients, summed over the ranks, is above 0
// Hint: see put().
bool BucketBuffer::anybody(std::size_t place) const {
  todo("21.5");
}

// 21.5 BucketBuffer::gradient  place, shape -> a new Array of the numbers from offsets[place] on
// Hint: the next bucket's step writes into numbers_ again: copy.
Array BucketBuffer::gradient(std::size_t place, const Shape& shape) const {
  todo("21.5");
}

}  // namespace rushlight
