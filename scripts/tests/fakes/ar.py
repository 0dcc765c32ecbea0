"""A fake ar: a library is a list of files (t), an archive their texts one after the other (qcsD)."""
import sys

if sys.argv[1] == "t":
    print(open(sys.argv[2]).read(), end="")
else:
    with open(sys.argv[2], "w") as out:
        out.write("".join(open(name).read() for name in sys.argv[3:]))
