// corpus.hpp: the text of part two: the lessons of this course, which we wrote ourselves (licence: LICENSE). Nothing
// has to be fetched, and everybody can tell whether a sample sounds like them.
#pragma once

#include <string>

namespace rushlight::milestone {

struct Corpus {
  std::string train;       // the first nine tenths of every lesson
  std::string validation;  // the last tenth
  int lessons = 0;
};

// Reads folder/modules/*/README.md, in order. Code, formulas and tables are left out, and of what remains only letters,
// digits, common punctuation and line ends stay. Throws FileError when there is no lesson.
Corpus read_lessons(const std::string& folder);

}  // namespace rushlight::milestone
