# Debian from debootstrap, with this machine's settings for apt, pip and certificates.
FROM scratch
ADD root.tar /
ADD settings.tar /
CMD ["bash"]
