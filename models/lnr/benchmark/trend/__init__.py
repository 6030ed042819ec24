"""The own figures of a hospital in time: by quarter with limits, or as rare events; and where a person had them begin anew."""
